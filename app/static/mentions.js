// In <textarea data-mentions="/colleagues">, an at sign and the beginning of a name offers colleagues.
// Only a pleasantry: a name typed by hand mentions somebody just as well.
// The text area stays a text box for screen readers: the offer is told to them as it appears, and
// the arrow keys, Enter, Tab and Escape work on it while it is open.
(() => {
  "use strict";

  const BEGUN = /(^|[\s(])@([\p{L}][\p{L}\p{M}'’.-]*(?: [\p{L}\p{M}'’.-]*)?)$/u;
  const WAIT = 120;
  let open = null; // the offer: its area, its list, what it offers, which is chosen
  let timer = 0;
  let asked = 0; // answers that come late are not shown
  let numbers = 0;

  const say = (words) => {
    const region = document.getElementById("announcer");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 60);
  };

  const begun = (area) => {
    if (area.selectionStart !== area.selectionEnd) return null;
    const before = area.value.slice(0, area.selectionStart);
    const found = BEGUN.exec(before);
    return found && { typed: found[2], from: before.length - found[2].length };
  };

  const close = () => {
    clearTimeout(timer);
    asked += 1;
    if (!open) return;
    open.list.remove();
    for (const name of ["aria-controls", "aria-activedescendant"]) open.area.removeAttribute(name);
    open = null;
  };

  // Who may read what is being written, as the form says at this moment.
  const readers = (area) => {
    const found = new URLSearchParams();
    const chosen = area.form && new FormData(area.form).get("visible_to");
    const seen = chosen || area.dataset.visibleTo;
    if (seen) found.set("visible_to", seen);
    if (area.dataset.author) found.set("author", area.dataset.author);
    if (area.dataset.member) found.set("member", area.dataset.member);
    return found;
  };

  const ask = async (area) => {
    const now = begun(area);
    if (!now) return close();
    const number = (asked += 1);
    const about = readers(area);
    about.set("q", now.typed);
    let offers = [];
    try {
      const answer = await fetch(`${area.dataset.mentions}?${about}`, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected) offers = await answer.json();
    } catch { /* without a connection nobody is offered; the name can still be typed */ }
    if (number !== asked || document.activeElement !== area) return undefined;
    const typed = now.typed.trim().toLowerCase();
    if (!offers.length || offers.some((one) => one.name.toLowerCase() === typed)) return close();
    return show(area, offers);
  };

  const show = (area, offers) => {
    close();
    const list = document.createElement("ul");
    list.className = "mentions";
    list.id = `mentions-${(numbers += 1)}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Colleagues");
    offers.forEach((one, place) => list.append(option(one, `${list.id}-${place}`)));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the text area keeps the caret
      const item = event.target.closest("[role=option]");
      if (item) choose([...list.children].indexOf(item));
    });
    area.after(list);
    area.setAttribute("aria-controls", list.id);
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-haspopup", "listbox");
    open = { area, list, offers, chosen: 0 };
    place(area, list);
    mark(0);
    const many = offers.length === 1 ? "1 colleague" : `${offers.length} colleagues`;
    say(`${many}: ${offers[0].name}${offers[0].may_read ? "" : ", may not read this"}. Up and down to choose, Enter to mention.`);
  };

  const option = (one, id) => {
    const item = document.createElement("li");
    item.id = id;
    item.setAttribute("role", "option");
    const name = document.createElement("b");
    name.textContent = one.name;
    const about = document.createElement("span");
    about.className = one.may_read ? "meta" : "cannot";
    about.textContent = one.may_read ? one.member : "May not read this";
    item.append(name, " ", about);
    return item;
  };

  const mark = (which) => {
    open.chosen = (which + open.offers.length) % open.offers.length;
    [...open.list.children].forEach((item, place) => {
      item.setAttribute("aria-selected", String(place === open.chosen));
    });
    const item = open.list.children[open.chosen];
    open.area.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };

  const choose = (which) => {
    const { area, offers } = open;
    const one = offers[which];
    const now = begun(area);
    close();
    if (!now) return;
    area.setRangeText(`${one.name} `, now.from, area.selectionStart, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close(); // that input was ours
    if (one.may_read) say(`${one.name} mentioned`);
    else warn(area, `${one.name} may not read this, so they will not be told.`);
  };

  const warn = (area, words) => {
    const next = area.parentElement.querySelector(".mention-warning");
    const place = next || document.createElement("p");
    place.className = "mention-warning wrong";
    place.setAttribute("role", "status");
    if (!next) area.after(place);
    place.textContent = words;
  };

  // Beneath the line with the at sign: a copy of the text area says where that is.
  const place = (area, list) => {
    const copy = document.createElement("div");
    const look = getComputedStyle(area);
    for (const name of ["font", "letter-spacing", "line-height", "padding", "border", "box-sizing", "text-indent", "tab-size"]) {
      copy.style.setProperty(name, look.getPropertyValue(name));
    }
    copy.style.setProperty("width", `${area.offsetWidth}px`);
    for (const [name, value] of [["position", "absolute"], ["visibility", "hidden"], ["white-space", "pre-wrap"], ["overflow-wrap", "break-word"]]) {
      copy.style.setProperty(name, value);
    }
    const at = document.createElement("span");
    at.textContent = "@";
    copy.append(area.value.slice(0, begun(area).from - 1), at);
    area.parentElement.append(copy);
    const frame = (list.offsetParent || document.body).getBoundingClientRect();
    const box = area.getBoundingClientRect();
    const line = at.offsetTop + at.offsetHeight - area.scrollTop;
    const left = Math.min(at.offsetLeft, Math.max(0, area.offsetWidth - list.offsetWidth));
    copy.remove();
    list.style.setProperty("top", `${box.top - frame.top + Math.min(line, area.offsetHeight) + 4}px`);
    list.style.setProperty("left", `${box.left - frame.left + left}px`);
  };

  const isOurs = (target) => target instanceof HTMLTextAreaElement && target.dataset.mentions;

  document.addEventListener("input", (event) => {
    if (!isOurs(event.target)) return;
    clearTimeout(timer);
    if (!begun(event.target)) { close(); return; }
    timer = setTimeout(() => ask(event.target), WAIT);
  });

  // Before anybody else hears the key: the editor must not take an Enter meant for the offer.
  document.addEventListener("keydown", (event) => {
    if (!open || event.target !== open.area || event.isComposing) return;
    const act = {
      ArrowDown: () => mark(open.chosen + 1),
      ArrowUp: () => mark(open.chosen - 1),
      Enter: () => choose(open.chosen),
      Tab: () => choose(open.chosen),
      Escape: close,
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);

  document.addEventListener("focusout", (event) => { if (open && event.target === open.area) close(); });
  document.addEventListener("click", (event) => {
    if (open && isOurs(event.target) && !begun(event.target)) close();
  });
})();
