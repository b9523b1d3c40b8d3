frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Xero Pushes a Day"] = {
	method: "nexwave_xero_connector.xero_connector.dashboard_chart_source.xero_pushes_a_day.xero_pushes_a_day.get",
	filters: [{ fieldname: "company", label: __("Company"), fieldtype: "Link", options: "Company" }],
};
