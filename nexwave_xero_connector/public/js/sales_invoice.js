nexwave_xero.invoice_form.extend("Sales Invoice");
