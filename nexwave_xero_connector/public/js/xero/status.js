// Label and colour of a row of the Xero Sync Log, and the actions it allows.

const COLOURS = {
	Queued: "gray",
	"In Progress": "blue",
	Success: "green",
	Failed: "red",
	Voided: "purple",
	Skipped: "gray",
};

export const LOG = "Xero Sync Log";
export const LOG_EVENT = "xero_sync_log";

export const FIELDS = [
	"reference_doctype",
	"reference_name",
	"company",
	"currency",
	"status",
	"operation",
	"is_latest",
	"is_stuck",
	"is_orphan",
	"is_different",
	"needs_attention",
	"handled_at",
	"left_out_at",
	"message",
	"finding",
	"message_links",
	"xero_url",
	"queued_at",
	"creation",
];

export function indicator(row) {
	if (row.handled_at && !row.needs_attention) {
		return [__("Handled"), "gray", "handled_at,is,set"];
	}
	if (row.left_out_at) return [__("Left Out"), "gray", "left_out_at,is,set"];
	if (row.is_orphan) return [__("Orphan"), "red", "is_orphan,=,1"];
	if (row.is_stuck) return [__("Stuck"), "orange", "is_stuck,=,1"];
	if (row.is_different) return [__("Differs"), "orange", "is_different,=,1"];
	return [__(row.status), COLOURS[row.status], `status,=,${row.status}`];
}

// For an invoice and its list, where the invoice's own status is shown next to it.
export function invoice_indicator(row) {
	const [label, colour] = indicator(row);
	return [
		row.status === "Success" && label === __("Success") ? __("In Xero") : __("Xero: {0}", [label]),
		colour,
	];
}

export function is_open(row) {
	return ["Queued", "In Progress"].includes(row.status);
}

export function may_void() {
	return frappe.user.has_role("Accounts Manager");
}

// Only the latest row of a document allows actions, other than opening it in Xero.
export function actions(row) {
	if (!row.is_latest) return row.xero_url ? ["open"] : [];
	const found = [];
	if (row.is_orphan && may_void()) found.push("void");
	if (!row.is_orphan && (row.is_stuck || row.status === "Failed")) found.push("retry");
	if (row.xero_url) found.push("open");
	if (row.needs_attention && may_void()) found.push("handle");
	if (row.left_out_at && may_void()) found.push("take_back");
	if (may_leave_out(row) && may_void()) found.push("leave_out");
	return found;
}

// What is in Xero stays there, and what a worker has in hand is nearly there.
export function may_leave_out(row) {
	return (
		!row.left_out_at && row.operation === "Push" && ["Queued", "Failed", "Skipped"].includes(row.status)
	);
}

// A push that found a document in Xero which it may not take for ours.
export function may_use_another(row) {
	return row.is_latest && row.operation === "Push" && row.error_class === "Conflict" && may_void();
}

export const ACTION_LABELS = {
	retry: __("Retry"),
	void: __("Void in Xero"),
	open: __("Open in Xero"),
	handle: __("Mark as Handled"),
	take_back: __("Take Back"),
	leave_out: __("Leave Out"),
};

export function open_in_xero(row) {
	window.open(row.xero_url, "_blank", "noopener");
}
