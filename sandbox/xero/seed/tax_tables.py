"""Tax rates per country. `applies` names the account classes a rate may be used with.

A Assets, Q eQuity, X eXpenses, L Liabilities, R Revenue. The NZ table is as observed on the wire; Australia and the
United Kingdom follow Xero's documented list of tax types.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SeedRate:
	tax_type: str
	name: str
	rate: str
	applies: str
	status: str = "ACTIVE"


NZ = (
	SeedRate("OUTPUT2", "15% GST on Income", "15", "AQLR"),
	SeedRate("INPUT2", "15% GST on Expenses", "15", "AQXL"),
	SeedRate("ZERORATED", "Zero Rated", "0", "LR"),
	SeedRate("NONE", "No GST", "0", "AQXLR"),
	SeedRate("GSTONIMPORTS", "GST on Imports", "0", "L"),
	SeedRate("OUTPUT", "12.5% GST on Income", "12.5", "AQLR", "DELETED"),
	SeedRate("INPUT", "12.5% GST on Expenses", "12.5", "AQXL", "DELETED"),
)

AU = (
	SeedRate("OUTPUT", "GST on Income", "10", "AQLR"),
	SeedRate("INPUT", "GST on Expenses", "10", "AQXL"),
	SeedRate("EXEMPTOUTPUT", "GST Free Income", "0", "AQLR"),
	SeedRate("EXEMPTEXPENSES", "GST Free Expenses", "0", "AQXL"),
	SeedRate("EXEMPTEXPORT", "GST Free Exports", "0", "LR"),
	SeedRate("INPUTTAXED", "Input Taxed", "0", "AQXLR"),
	SeedRate("BASEXCLUDED", "BAS Excluded", "0", "AQXLR"),
	SeedRate("CAPEXINPUT", "GST on Capital", "10", "AXL"),
	SeedRate("EXEMPTCAPITAL", "GST Free Capital", "0", "AXL"),
	SeedRate("GSTONIMPORTS", "GST on Imports", "0", "XL"),
	SeedRate("GSTONCAPIMPORTS", "GST on Capital Imports", "0", "AL"),
	SeedRate("TAX001", "Old Luxury Tax", "33", "R", "DELETED"),
	SeedRate("TAX002", "GST before the Reform", "9", "AQXLR", "ARCHIVED"),
	SeedRate("TAX003", "GST after the Reform", "12", "AQXLR", "PENDING"),
)

GB = (
	SeedRate("OUTPUT2", "20% (VAT on Income)", "20", "AQLR"),
	SeedRate("INPUT2", "20% (VAT on Expenses)", "20", "AQXL"),
	SeedRate("RROUTPUT", "5% (VAT on Income)", "5", "AQLR"),
	SeedRate("RRINPUT", "5% (VAT on Expenses)", "5", "AQXL"),
	SeedRate("ZERORATEDOUTPUT", "Zero Rated Income", "0", "AQLR"),
	SeedRate("ZERORATEDINPUT", "Zero Rated Expenses", "0", "AQXL"),
	SeedRate("EXEMPTOUTPUT", "Exempt Income", "0", "AQLR"),
	SeedRate("EXEMPTINPUT", "Exempt Expenses", "0", "AQXL"),
	SeedRate("NONE", "No VAT", "0", "AQXLR"),
	SeedRate("SROUTPUT", "17.5% (VAT on Income)", "17.5", "AQLR", "DELETED"),
	SeedRate("TAX001", "15% (VAT on Income)", "15", "AQLR", "ARCHIVED"),
	SeedRate("TAX002", "21% (VAT on Income)", "21", "AQLR", "PENDING"),
)

TAX_TABLES: dict[str, tuple[SeedRate, ...]] = {"NZ": NZ, "AU": AU, "GB": GB}

# Report types that have a different name from the tax type.
REPORT_TYPES = {
	"OUTPUT2": "OUTPUT",
	"INPUT2": "INPUT",
	"ZERORATED": "ZERORATEDOUTPUT",
	"TAX001": "OUTPUT",
	"TAX002": "OUTPUT",
	"TAX003": "OUTPUT",
	"RROUTPUT": "OUTPUT",
	"RRINPUT": "INPUT",
}
