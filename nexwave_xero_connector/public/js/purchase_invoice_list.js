nexwave_xero.invoice_list.extend("Purchase Invoice");
