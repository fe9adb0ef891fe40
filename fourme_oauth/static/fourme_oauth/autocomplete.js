'use strict';
// Select2, which Django's autocomplete is made of, leaves its text box without a name while nothing is chosen.
window.addEventListener('load', () => {
  for (const select of document.querySelectorAll('select.admin-autocomplete')) {
    const name = select.getAttribute('aria-label') || select.labels[0]?.textContent;
    const box = select.nextElementSibling?.querySelector('[role=textbox]');
    if (name && box) {
      box.setAttribute('aria-label', name);
    }
  }
});
