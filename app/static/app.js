// Small pleasantries on top of pages that work without any script.
(() => {
  "use strict";

  const say = (words) => {
    const region = document.getElementById("announcer");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 60);
  };

  // After a refused form, begin at the summary of what is wrong.
  const startAtErrors = () => document.querySelector("[data-error-summary]")?.focus();

  // A second click on a button that is already sending does nothing for a moment.
  // The server has its own guard; this one only spares people the second page.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method.toLowerCase() !== "post" || event.defaultPrevented) return;
    const now = Date.now();
    if (now - Number(form.dataset.sentAt || 0) < 3000) event.preventDefault();
    else form.dataset.sentAt = String(now);
  });

  // <div data-shown-when="name=value"> is shown only while that choice is made; several
  // choices are written with spaces between them.
  const disclose = () => {
    for (const part of document.querySelectorAll("[data-shown-when]")) {
      const form = part.closest("form");
      const made = form ? new FormData(form) : new FormData();
      const isMade = (pair) => made.getAll(pair.split("=")[0]).includes(pair.split("=")[1]);
      const wasHidden = part.hidden;
      part.hidden = !part.dataset.shownWhen.split(" ").some(isMade);
      if (wasHidden && !part.hidden && part.matches("details")) part.open = true;
    }
  };

  // <input data-usual-names='{"3": "…"}'> follows the template until somebody names it otherwise.
  document.addEventListener("change", (event) => {
    if (event.target.name !== "template") return;
    const box = document.querySelector("[data-usual-names]");
    const usual = box ? JSON.parse(box.dataset.usualNames) : {};
    if (Object.values(usual).includes(box?.value)) box.value = usual[event.target.value] || "";
  });

  // A tick box in the heading ticks every row of its table.
  const addSelectAll = () => {
    for (const place of document.querySelectorAll("[data-select-all]:not([data-ready])")) {
      place.dataset.ready = "yes";
      const boxes = () => place.closest("table").querySelectorAll("tbody input[type=checkbox]");
      const all = document.createElement("input");
      all.type = "checkbox";
      all.className = "form-check-input";
      all.setAttribute("aria-label", "Select all on this page");
      all.addEventListener("change", () => {
        for (const box of boxes()) box.checked = all.checked;
        say(all.checked ? `${boxes().length} selected` : "None selected");
      });
      place.replaceChildren(all);
    }
  };

  // <span data-ticked="ids"> says how many boxes of that name are ticked.
  const countTicked = () => {
    for (const place of document.querySelectorAll("[data-ticked]")) {
      const boxes = document.querySelectorAll(`input[name="${place.dataset.ticked}"]:checked`);
      place.textContent = boxes.length ? `${boxes.length} ticked` : "";
    }
  };
  document.addEventListener("change", countTicked);

  // <button data-insert="((field))"> puts its words where the author last wrote.
  let lastWritten = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-takes-fields]")) lastWritten = event.target;
  });
  const offerInserts = () => {
    for (const button of document.querySelectorAll("[data-insert]")) button.hidden = false;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const places = document.querySelectorAll("[data-takes-fields]");
    const place = lastWritten || places[places.length - 1];
    if (!button || !place) return;
    place.setRangeText(button.dataset.insert, place.selectionStart, place.selectionEnd, "end");
    place.focus();
    place.dispatchEvent(new Event("input", { bubbles: true }));
    say(`Inserted ${button.dataset.insert}`);
  });

  // Ctrl and Enter anywhere in a row that can be ticked off presses its tick.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const tick = event.target.closest("[data-tick-row]")?.querySelector("form.tick");
    if (tick) { event.preventDefault(); tick.requestSubmit(); }
  });

  // An open menu closes with Escape, or when something else is clicked.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.drop[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.drop[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  document.addEventListener("change", disclose);
  for (const name of ["htmx:afterSwap", "liaise:shown"]) {
    document.addEventListener(name, () => { disclose(); addSelectAll(); });
  }
  document.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.status === 503
    ? "Liaise cannot save or read that at the moment. What you typed is still here: try again in a minute."
    : "That did not work. Reload the page and try again."));
  document.addEventListener("htmx:sendError", () => say("There is no connection. What you see may be out of date."));
  // <… data-announce> inside a swapped part is read out by screen readers.
  document.addEventListener("htmx:afterSettle", (event) => {
    const words = event.target.querySelector?.("[data-announce]")?.textContent.trim();
    if (words && words !== document.body.dataset.said) { document.body.dataset.said = words; say(words); }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent-at]")) delete form.dataset.sentAt;
  });

  disclose();
  addSelectAll();
  offerInserts();
  startAtErrors();
})();
