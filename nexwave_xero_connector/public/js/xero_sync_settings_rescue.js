nexwave_xero.backfill.extend_settings();
