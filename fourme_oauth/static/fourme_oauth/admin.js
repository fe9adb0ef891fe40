"use strict";

// Progressive enhancement: buttons that copy, buttons that tick a row or a column, and protection against double submits.

function button(text) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button";
  element.textContent = text;
  return element;
}

function addCopyButton(element) {
  const copy = button(element.dataset.copy);
  copy.classList.add("copy");
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(element.textContent);
    status.textContent = ` ${element.dataset.copied}`;
  });
  element.after(copy, status);
}

function checkboxesOf(header) {
  const column = `tbody tr > :nth-child(${header.cellIndex + 1})`;
  const cells = header.scope === "row" ? [header.parentElement] : header.closest("table").querySelectorAll(column);
  return [...cells].flatMap((cell) => [...cell.querySelectorAll("input[type=checkbox]")]);
}

function addTickButton(header) {
  const all = button(header.dataset.tick);
  all.setAttribute("aria-label", `${header.dataset.tick}: ${header.dataset.tickWhat}`);
  all.addEventListener("click", () => {
    const boxes = checkboxesOf(header);
    const ticked = !boxes.every((box) => box.checked);
    for (const box of boxes) {
      if (box.checked !== ticked) box.click();
    }
  });
  header.append(all);
}

function preventDoubleSubmit(form) {
  let submitted = false;
  form.addEventListener("submit", (event) => {
    if (submitted) event.preventDefault();
    submitted = true;
  });
  // A page restored from the back/forward cache can be submitted again.
  window.addEventListener("pageshow", () => { submitted = false; });
}

document.addEventListener("DOMContentLoaded", () => {
  if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(addCopyButton);
  document.querySelectorAll("[data-tick]").forEach(addTickButton);
  const keys = document.querySelectorAll("input[name=form_key], input[name=request_key]");
  new Set([...keys].map((key) => key.form)).forEach(preventDoubleSubmit);
});
