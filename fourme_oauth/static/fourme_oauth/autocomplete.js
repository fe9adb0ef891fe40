'use strict';
// Select2, which Django's autocomplete is made of, leaves its text box without a name while nothing is chosen. It makes
// the box when it pleases: some time after the page is there, and again for a row that is added.
function nameBoxes() {
  for (const select of document.querySelectorAll('select.admin-autocomplete')) {
    const name = select.getAttribute('aria-label') || select.labels[0]?.textContent;
    const box = select.nextElementSibling?.querySelector('[role=textbox]');
    if (name && box && !box.hasAttribute('aria-label')) {
      box.setAttribute('aria-label', name);
    }
  }
}
document.addEventListener('DOMContentLoaded', () => {
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
