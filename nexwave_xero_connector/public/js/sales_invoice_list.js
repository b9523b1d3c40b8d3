nexwave_xero.invoice_list.extend("Sales Invoice");
