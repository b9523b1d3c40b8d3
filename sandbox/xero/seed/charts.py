"""Charts of accounts with the codes of Xero's demo companies."""

from __future__ import annotations

from dataclasses import dataclass

CLASS_OF_TYPE = {
	"BANK": "ASSET",
	"CURRENT": "ASSET",
	"FIXED": "ASSET",
	"INVENTORY": "ASSET",
	"CURRLIAB": "LIABILITY",
	"TERMLIAB": "LIABILITY",
	"EQUITY": "EQUITY",
	"REVENUE": "REVENUE",
	"SALES": "REVENUE",
	"OTHERINCOME": "REVENUE",
	"DIRECTCOSTS": "EXPENSE",
	"EXPENSE": "EXPENSE",
	"OVERHEADS": "EXPENSE",
}


@dataclass(frozen=True)
class TaxDefaults:
	"""The tax types for sales, purchases and no tax in one country's chart."""

	sales: str
	purchases: str
	none: str


COUNTRY_TAX = {
	"NZ": TaxDefaults("OUTPUT2", "INPUT2", "NONE"),
	"AU": TaxDefaults("OUTPUT", "INPUT", "BASEXCLUDED"),
	"GB": TaxDefaults("OUTPUT2", "INPUT2", "NONE"),
}

# code, name, type, which default tax, system account
CHART: tuple[tuple[str, str, str, str, str], ...] = (
	("090", "Business Bank Account", "BANK", "none", ""),
	("091", "Business Savings Account", "BANK", "none", ""),
	("200", "Sales", "REVENUE", "sales", ""),
	("203", "Export Sales", "REVENUE", "sales", ""),
	("260", "Other Revenue", "REVENUE", "sales", ""),
	("270", "Interest Income", "REVENUE", "none", ""),
	("280", "Old Product Sales", "REVENUE", "sales", ""),
	("300", "Purchases", "DIRECTCOSTS", "purchases", ""),
	("310", "Cost of Goods Sold", "DIRECTCOSTS", "purchases", ""),
	("400", "Advertising", "EXPENSE", "purchases", ""),
	("404", "Bank Fees", "EXPENSE", "none", ""),
	("408", "Cleaning", "EXPENSE", "purchases", ""),
	("412", "Consulting & Accounting", "EXPENSE", "purchases", ""),
	("416", "Depreciation", "EXPENSE", "none", ""),
	("420", "Entertainment", "EXPENSE", "purchases", ""),
	("425", "Freight & Courier", "EXPENSE", "purchases", ""),
	("429", "General Expenses", "EXPENSE", "purchases", ""),
	("433", "Insurance", "EXPENSE", "purchases", ""),
	("437", "Interest Expense", "EXPENSE", "none", ""),
	("441", "Legal expenses", "EXPENSE", "purchases", ""),
	("445", "Light, Power, Heating", "EXPENSE", "purchases", ""),
	("449", "Motor Vehicle Expenses", "EXPENSE", "purchases", ""),
	("453", "Office Expenses", "EXPENSE", "purchases", ""),
	("461", "Printing & Stationery", "EXPENSE", "purchases", ""),
	("469", "Rent", "EXPENSE", "purchases", ""),
	("473", "Repairs and Maintenance", "EXPENSE", "purchases", ""),
	("477", "Salaries", "EXPENSE", "none", ""),
	("485", "Subscriptions", "EXPENSE", "purchases", ""),
	("489", "Telephone & Internet", "EXPENSE", "purchases", ""),
	("493", "Travel - National", "EXPENSE", "purchases", ""),
	("497", "Bank Revaluations", "EXPENSE", "none", "BANKCURRENCYGAIN"),
	("498", "Unrealised Currency Gains", "EXPENSE", "none", "UNREALISEDCURRENCYGAIN"),
	("499", "Realised Currency Gains", "EXPENSE", "none", "REALISEDCURRENCYGAIN"),
	("610", "Accounts Receivable", "CURRENT", "none", "DEBTORS"),
	("620", "Prepayments", "CURRENT", "none", ""),
	("630", "Inventory", "INVENTORY", "none", ""),
	("710", "Office Equipment", "FIXED", "purchases", ""),
	("720", "Computer Equipment", "FIXED", "purchases", ""),
	("800", "Accounts Payable", "CURRLIAB", "none", "CREDITORS"),
	("820", "GST", "CURRLIAB", "none", "GST"),
	("825", "PAYE Payable", "CURRLIAB", "none", ""),
	("840", "Historical Adjustment", "CURRLIAB", "none", "HISTORICAL"),
	("850", "Suspense", "CURRLIAB", "none", ""),
	("860", "Rounding", "CURRLIAB", "none", "ROUNDING"),
	("877", "Tracking Transfers", "CURRLIAB", "none", "TRACKINGTRANSFERS"),
	("900", "Loan", "TERMLIAB", "none", ""),
	("960", "Retained Earnings", "EQUITY", "none", "RETAINEDEARNINGS"),
	("970", "Owner A Funds Introduced", "EQUITY", "none", ""),
)

ARCHIVED_ACCOUNTS = frozenset({"280"})
