frappe.listview_settings["Xero Sync Log"] = {
	hide_name_column: true,
	hide_name_filter: true,
	add_fields: nexwave_xero.status.FIELDS,
	filters: [["Xero Sync Log", "is_latest", "=", 1]],
	get_indicator: nexwave_xero.status.indicator,

	formatters: {
		amount: (value, _df, row) => nexwave_xero.log_list.amount(value, row),
		message: (_value, _df, row) => nexwave_xero.log_list.sentence(row),
		party: (value) => nexwave_xero.log_list.party(value),
		operation: (value) => nexwave_xero.log_list.operation(value),
	},

	button: {
		show: (row) => Boolean(nexwave_xero.log_list.first_action(row)),
		get_label: (row) => nexwave_xero.log_list.label(row),
		get_description: (row) => nexwave_xero.log_list.label(row),
		action: (row) => nexwave_xero.log_list.act(row),
	},

	onload: (listview) => nexwave_xero.log_list.set_up(listview),
	refresh: (listview) => nexwave_xero.log_list.show_counts(listview),
};
