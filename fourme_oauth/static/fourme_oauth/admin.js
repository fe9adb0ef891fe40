"use strict";

// What is nice to have: buttons that copy, buttons that tick a row or a column, and forms that are sent once.

function button(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = text;
  return made;
}

function offerCopying(element) {
  const copy = button(element.dataset.copy);
  copy.classList.add("copy");
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(element.textContent);
    said.textContent = ` ${element.dataset.copied}`;
  });
  element.after(copy, said);
}

function boxesOf(header) {
  const column = `tbody tr > :nth-child(${header.cellIndex + 1})`;
  const cells = header.scope === "row" ? [header.parentElement] : header.closest("table").querySelectorAll(column);
  return [...cells].flatMap((cell) => [...cell.querySelectorAll("input[type=checkbox]")]);
}

function offerTicking(header) {
  const all = button(header.dataset.tick);
  all.setAttribute("aria-label", `${header.dataset.tick}: ${header.dataset.tickWhat}`);
  all.addEventListener("click", () => {
    const boxes = boxesOf(header);
    const ticked = !boxes.every((box) => box.checked);
    for (const box of boxes) {
      if (box.checked !== ticked) box.click();
    }
  });
  header.append(all);
}

function sendOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // A page that the Back button brings back as it was left can be used again.
  window.addEventListener("pageshow", () => { sent = false; });
}

document.addEventListener("DOMContentLoaded", () => {
  if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(offerCopying);
  document.querySelectorAll("[data-tick]").forEach(offerTicking);
  const keys = document.querySelectorAll("input[name=form_key], input[name=request_key]");
  new Set([...keys].map((key) => key.form)).forEach(sendOnce);
});
