// Boxes for names offer what they find while one types. Without this script their button does.
(() => {
  "use strict";

  const say = (words) => {
    const region = document.getElementById("announcer");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 60);
  };
  const day = (form) => form.elements.happened_on?.value || "";

  const addBox = (place, name, one, checked) => {
    const there = place.querySelector(`input[value="${one.id}"]`);
    if (there) { if (checked) there.checked = true; return; }
    const row = document.createElement("div");
    row.className = "form-check";
    const box = document.createElement("input");
    Object.assign(box, { type: place.closest("[data-one]") ? "radio" : "checkbox", className: "form-check-input", name, value: one.id, id: `${name}-picked-${one.id}`, checked });
    const label = document.createElement("label");
    Object.assign(label, { className: "form-check-label", htmlFor: box.id, textContent: one.words });
    row.append(box, " ", label);
    place.append(row);
  };

  // Whoever holds a post at the bodies ticked can be ticked too.
  const offerPeople = async (form) => {
    const people = form.querySelector("[data-picker][data-name=people] [data-picked]");
    const bodies = [...form.querySelectorAll("input[name=organisations]:checked")];
    if (!people || !bodies.length) return;
    const asked = new URLSearchParams(bodies.map((box) => ["organisations", box.value]));
    asked.set("on", day(form));
    const answer = await fetch(`/log/people?${asked}`).catch(() => null);
    if (!answer?.ok) return;
    for (const one of await answer.json()) addBox(people, "people", one, false);
  };

  const offerNames = (part) => {
    const form = part.closest("form");
    const name = part.dataset.name;
    const place = part.querySelector("[data-picked]");
    const input = part.querySelector("input[type=text]");
    const list = document.createElement("ul");
    let found = [], active = -1, timer = 0, asked = 0;

    Object.assign(list, { id: `${input.id}-list`, className: "offers", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", part.querySelector("legend").textContent);
    input.after(list);
    for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(key, value);

    const close = () => {
      list.hidden = true; active = -1; found = [];
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      active = index;
      [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
      if (index < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    };
    const pick = (one) => {
      addBox(place, name, one, true);
      input.value = "";
      close();
      say(`${one.words} ${"one" in part.dataset ? "chosen" : "added"}`);
      place.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = (offered) => {
      found = offered;
      list.replaceChildren(...found.map((one, at) => {
        const row = document.createElement("li");
        Object.assign(row, { id: `${list.id}-${at}`, textContent: one.words });
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", "false");
        row.addEventListener("mousedown", (event) => { event.preventDefault(); pick(one); });
        return row;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(Boolean(found.length)));
      if (found.length) mark(0);
      else if (input.value.trim()) say("Nothing of that name");
    };
    const look = async () => {
      const words = input.value.trim(), mine = ++asked;
      if (words.length < 2) { close(); return; }
      const args = new URLSearchParams({ q: words, on: day(form) });
      const answer = await fetch(`${part.dataset.picker}&${args}`).catch(() => null);
      if (mine === asked && answer?.ok) show(await answer.json());
    };

    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 150); });
    input.addEventListener("blur", () => { clearTimeout(timer); close(); });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) {
        // A name that was typed faster than it is offered is looked up; it does not send the form.
        if (event.key === "Enter" && input.value.trim()) { event.preventDefault(); clearTimeout(timer); look(); }
        return;
      }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark((active + step + found.length) % found.length);
      } else if (event.key === "Enter" && found[active]) pick(found[active]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    place.addEventListener("change", () => { if (name === "organisations") offerPeople(form); });
  };

  const begin = (place) => {
    for (const part of place.querySelectorAll("[data-picker]:not([data-ready])")) {
      part.dataset.ready = "yes";
      offerNames(part);
    }
  };
  document.addEventListener("liaise:shown", (event) => begin(event.detail));
  begin(document);
})();
