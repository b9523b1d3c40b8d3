// Frappe's progress bar, reliably hidden: Bootstrap ignores a hide while the dialog is still fading in, and the dialog
// would then stay in front of everything.

export function show(title, done, of_all) {
	frappe.show_progress(title, Math.min(done, of_all), of_all || 1, __("{0} of {1}", [done, of_all]));
}

export function hide() {
	const dialog = frappe.cur_progress;
	if (!dialog) return;
	frappe.cur_progress = null;
	dialog.$wrapper.one("shown.bs.modal", () => dialog.hide());
	dialog.hide();
}
