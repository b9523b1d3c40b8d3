nexwave_xero.invoice_form.extend("Purchase Invoice");
