frappe.ui.form.on("Xero Sync Settings", {
	setup(frm) {
		const of_company = (filters) => () => ({ filters: { ...filters, company: frm.doc.company } });
		const in_xero = of_company({ status: "ACTIVE" });

		for (const field of [
			"default_sales_account",
			"default_purchase_account",
			"rounding_account",
			"discount_account",
		]) {
			frm.set_query(field, in_xero);
		}

		for (const table of ["account_mapping", "charge_mapping"]) {
			frm.set_query("account", table, of_company({ is_group: 0 }));
			frm.set_query("xero_account", table, in_xero);
		}
		for (const table of ["charge_mapping", "tax_mapping"]) {
			frm.set_query("xero_tax_rate", table, in_xero);
		}
		const untaxed = of_company({ status: "ACTIVE", effective_rate: 0 });
		frm.set_query("untaxed_sales_tax_rate", untaxed);
		frm.set_query("untaxed_purchase_tax_rate", untaxed);
		frm.set_query("purchase_tax_rate", "tax_mapping", in_xero);
		frm.set_query("tracking_option", "tracking_mapping", in_xero);

		frm.set_query("template_type", "tax_mapping", () => ({
			filters: {
				name: [
					"in",
					[
						"Item Tax Template",
						"Sales Taxes and Charges Template",
						"Purchase Taxes and Charges Template",
					],
				],
			},
		}));
		frm.set_query("template", "tax_mapping", of_company({}));

		for (const field of ["tracking_source", "second_tracking_source"]) {
			frm.set_query(field, () => ({
				filters: { name: ["in", frm.doc.__onload?.dimensions || ["Cost Center", "Project"]] },
			}));
		}
		frm.set_query("source_doctype", "tracking_mapping", () => ({
			filters: { name: ["in", [frm.doc.tracking_source, frm.doc.second_tracking_source]] },
		}));
		// Not of_company: a dimension such as Branch does not have a company.
		frm.set_query("source", "tracking_mapping", () => ({
			query: "erpnext.controllers.queries.get_filtered_dimensions",
			filters: { company: frm.doc.company },
		}));
	},

	async refresh(frm) {
		await frappe.require(["xero_settings.bundle.css", "xero_settings.bundle.js"]);
		nexwave_xero.settings.refresh(frm);
	},

	async before_save(frm) {
		await frappe.require(["xero_settings.bundle.css", "xero_settings.bundle.js"]);
		await nexwave_xero.settings.before_save(frm);
	},
});

nexwave_xero.backfill.extend_settings();
