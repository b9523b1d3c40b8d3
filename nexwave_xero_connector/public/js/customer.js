nexwave_xero.party_form.extend("Customer");
