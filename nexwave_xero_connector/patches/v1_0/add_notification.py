"""The Notification that a new site gets when the app is installed."""

from nexwave_xero_connector.install import add_notification


def execute() -> None:
	add_notification()
