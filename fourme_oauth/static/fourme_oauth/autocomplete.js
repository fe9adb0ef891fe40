'use strict';
// Django's autocomplete (Select2) gives its text box no accessible name while nothing is selected. It creates the box
// some time after the page has loaded, and again for each inline row that is added: hence the MutationObserver.
function labelBoxes() {
  for (const select of document.querySelectorAll('select.admin-autocomplete')) {
    const name = select.getAttribute('aria-label') || select.labels[0]?.textContent;
    const box = select.nextElementSibling?.querySelector('[role=textbox]');
    if (name && box && !box.hasAttribute('aria-label')) {
      box.setAttribute('aria-label', name);
    }
  }
}
document.addEventListener('DOMContentLoaded', () => {
  labelBoxes();
  new MutationObserver(labelBoxes).observe(document.body, { childList: true, subtree: true });
});
