// Frappe 16: the entry Needs Attention of our sidebar opens in the same tab. It is an address, because the sidebar loses
// the filters of other entries on their way into the URL (16.9), and Frappe opens addresses in a new tab.

const ENTRY = `.body-sidebar a[target="_blank"][href^="/desk/xero-sync-log"]`;

export function set_up() {
	const stay = (event) => event.target.closest?.(ENTRY)?.removeAttribute("target");
	document.addEventListener("click", stay, { capture: true });
}
