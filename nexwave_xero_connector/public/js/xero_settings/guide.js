// The four steps above the form, the banner of a lost connection, and the buttons.

import { escape } from "../xero/sentence";

const LABELS = {
	app: () => __("Enter App Details"),
	connect: () => __("Connect"),
	choose: () => __("Choose"),
	suggest: () => __("Suggest Mapping"),
	check: () => __("Check"),
	switch_on: () => __("Enable"),
	confirm: (frm) => __("This site sends to {0}", [escape(frm.doc.organisation_name || __("Xero"))]),
	disconnect: () => __("Disconnect Here"),
};
const FOR_SYSTEM_MANAGERS = ["app", "connect", "choose", "switch_on", "confirm", "disconnect"];

export function show(frm, actions) {
	const $guide = frm.get_field("guide").$wrapper;
	const setup = frm.doc.__onload?.setup;
	if (frm.is_new() || !setup) {
		$guide.html(
			`<p class="text-muted">${__("Choose the company and save. Then connect it to Xero.")}</p>`
		);
		return;
	}
	const next = setup.steps.find((step) => !step.is_done && step.action);
	$guide.html(
		[
			setup.sandbox ? sandbox(setup.sandbox) : "",
			setup.banner ? banner(setup.banner, frm) : "",
			`<ol class="xero-steps">${setup.steps
				.map((step, index) => card(step, index, step === next, frm))
				.join("")}</ol>`,
		].join("")
	);
	$guide.find("[data-action]").on("click", (event) => {
		run(frm, actions[event.currentTarget.dataset.action]);
	});
}

export function add_buttons(frm, actions) {
	if (frm.is_new()) return;
	const group = __("Xero");
	const add = (label, action) => frm.add_custom_button(label, () => run(frm, actions[action]), group);
	const is_connected = Boolean(frm.doc.__onload?.setup?.is_connected);
	if (is_connected && frm.doc.tenant_id && frm.perm[0]?.write) {
		add(__("Fetch"), "fetch");
		add(__("Suggest Mapping"), "suggest");
		add(__("Check"), "check");
	}
	if (frm.perm[0]?.write) add(__("Copy Settings From..."), "copy_from");
	if (!may_set_up(frm)) return;
	add(__("Diagnosis for Support"), "diagnose");
	add(__("Xero App"), "app");
	if (is_connected) {
		add(__("Choose Organisation"), "choose");
		add(__("Disconnect"), "disconnect");
	} else {
		add(__("Connect"), "connect");
	}
}

// The server works on the saved settings.
async function run(frm, action) {
	if (frm.is_dirty()) await frm.save();
	await action(frm);
}

function may_set_up(frm) {
	return Boolean(frm.perm[1]?.write);
}

function sandbox(host) {
	const text = __("This site is connected to {0}, not to Xero.", [escape(host)]);
	return `<div class="xero-sandbox">${__("SANDBOX")}<small>${text}</small></div>`;
}

function banner(lost, frm) {
	const style = lost.ways_out.length ? "xero-lost" : "xero-lost xero-waits";
	const buttons = lost.ways_out.map((action, index) =>
		button(action, index ? "btn-default" : "btn-danger", frm)
	);
	return `<div class="${style}" role="alert">
		<div><b>${escape(lost.cause)}</b><br>${escape(lost.message)} ${escape(lost.waiting)}</div>
		${buttons.join("")}
	</div>`;
}

function card(step, index, is_next, frm) {
	const classes = ["xero-step", step.is_done ? "xero-step-done" : "", is_next ? "xero-step-next" : ""];
	return `<li class="${classes.join(" ")}" data-step="${step.key}">
		<div class="xero-step-head"><span class="xero-step-mark">${step.is_done ? "&#10003;" : index + 1}</span>
			${escape(step.title)}</div>
		<div class="xero-step-text">${escape(step.text)}
			${step.warning ? `<div class="xero-warning">${escape(step.warning)}</div>` : ""}</div>
		${step.action ? button(step.action, is_next ? "btn-primary" : "btn-default", frm) : ""}
	</li>`;
}

function button(action, style, frm) {
	if (FOR_SYSTEM_MANAGERS.includes(action) && !may_set_up(frm)) return "";
	return `<button class="btn btn-sm ${style}" data-action="${action}">${LABELS[action](frm)}</button>`;
}
