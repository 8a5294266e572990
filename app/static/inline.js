// Facts are changed where they stand. Every pencil is a link to a small page with the one field;
// with this script the same form is fetched into the fact's place, and the page keeps the rest.
(() => {
  "use strict";

  const PATIENCE = 20000;
  const PART = { "X-Part": "one-fact", Accept: "application/json, text/html;q=0.9" };
  const NO_CONNECTION = "There is no connection.";
  const SIGNED_OUT = "You have been signed out. Sign in again, in another tab if you like, and then save once more.";
  const KEPT = "form[data-one-fact], textarea, [data-stays]";
  const OURS = new Set(["changing", "just-saved"]);
  const open = new Map(); // the place of a fact: its editor
  let numbers = 0;

  const say = (words) => {
    const region = document.getElementById("announcer");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 60);
  };
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
  const contents = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrf_token"));

  // Several forms may be open at once: each has ids of its own.
  const named = (form) => {
    const prefix = `fact-${(numbers += 1)}-`;
    for (const one of form.querySelectorAll("[id]")) one.id = prefix + one.id;
    for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"]) {
      for (const one of form.querySelectorAll(`[${name}]`)) {
        one.setAttribute(name, one.getAttribute(name).split(" ").map((id) => prefix + id).join(" "));
      }
    }
    return form;
  };

  const ask = (url, more = {}) =>
    fetch(url, { ...more, headers: PART, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });

  class Editor {
    constructor(place, link) {
      this.place = place;
      this.href = link.getAttribute("href");
      this.isSending = false;
      open.set(place, this);
    }

    get link() {
      return this.place.querySelector("a[data-change]");
    }

    async begin() {
      let answer;
      this.place.setAttribute("aria-busy", "true");
      this.place.querySelector(".fact-trouble")?.remove();
      try {
        answer = await ask(this.href);
      } catch {
        return this.cannot(`${NO_CONNECTION} Try again when it is back.`);
      } finally {
        this.place.removeAttribute("aria-busy");
      }
      if (answer.status === 401) {
        document.dispatchEvent(new CustomEvent("liaise:signed-out"));
        return this.cannot("You have been signed out. Sign in again and then choose Change once more.");
      }
      const form = answer.ok && parsed(await answer.text()).querySelector("form[data-one-fact]");
      if (!form) return this.cannot("This cannot be changed now. Reload the page to see why.");
      this.show(form);
      this.asShown = contents(this.form);
      return this.focus();
    }

    cannot(words) {
      open.delete(this.place);
      const trouble = document.createElement("span");
      trouble.className = "fact-trouble wrong";
      trouble.textContent = words;
      this.link.after(trouble);
      say(words);
    }

    show(form) {
      this.form?.remove();
      this.form = named(document.importNode(form, true));
      this.form.classList.add("in-place");
      this.place.classList.remove("just-saved");
      this.place.classList.add("changing");
      this.place.append(this.form);
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.save(event.submitter);
      });
      this.form.addEventListener("keydown", (event) => this.pressed(event));
      this.form.querySelector("[data-cancel]").addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.restore();
      });
      document.dispatchEvent(new CustomEvent("liaise:shown", { detail: this.form }));
    }

    focus() {
      const box = this.form.querySelector(
        "[aria-invalid=true], .clash input:checked",
      ) || this.form.querySelector("input[type=radio]:checked") || this.form.querySelector(
        ".boxes input:not([type=hidden]), .boxes select, .boxes textarea, .boxes button",
      ) || this.form.querySelector("button[type=submit]:not([tabindex])");
      box.focus();
      if (box.matches("input") && !this.form.querySelector("[aria-invalid=true]")) box.select();
    }

    get isChanged() {
      return contents(this.form) !== this.asShown;
    }

    pressed(event) {
      if (event.defaultPrevented || event.isComposing) return;
      const saves = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (!saves && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      if (saves) this.form.requestSubmit();
      else this.restore();
    }

    restore() {
      if (this.isSending) return;
      this.close();
      this.link?.focus();
    }

    close() {
      this.form.remove();
      this.place.classList.remove("changing");
      open.delete(this.place);
    }

    async save(submitter) {
      if (this.isSending) return;
      this.isSending = true;
      this.form.setAttribute("aria-busy", "true");
      this.notSaved("");
      try {
        const isSave = !submitter?.name;
        const body = new FormData(this.form, isSave ? null : submitter);
        const answer = await ask(this.form.action, { method: "POST", body });
        await this.answered(answer, await answer.text());
      } catch {
        this.notSaved(`Not saved: ${NO_CONNECTION[0].toLowerCase()}${NO_CONNECTION.slice(1)} What you typed is still here. Save again when it is back.`);
      } finally {
        this.isSending = false;
        this.form.removeAttribute("aria-busy");
      }
    }

    async answered(answer, text) {
      const isData = answer.headers.get("Content-Type")?.startsWith("application/json");
      if (answer.status === 401 || (answer.status === 400 && isData)) {
        this.notSaved(`Not saved. ${SIGNED_OUT}`);
        document.dispatchEvent(new CustomEvent("liaise:signed-out"));
        return;
      }
      const page = parsed(text);
      const again = page.querySelector("form[data-one-fact]");
      if (answer.ok && again) this.refused(again);
      else if (answer.ok && answer.redirected) await this.saved(page, answer.url);
      // A record deleted meanwhile has a page of its own, which shows what was typed: go there.
      else if (answer.ok || answer.status === 410) this.leaveTo();
      else this.notSaved(`Not saved. ${page.querySelector("main p")?.textContent.trim() || ""} What you typed is still here.`);
    }

    leaveTo() {
      open.delete(this.place);
      HTMLFormElement.prototype.submit.call(this.form);
    }

    refused(form) {
      const { asShown } = this;
      this.show(form);
      this.asShown = asShown;
      const wrong = this.form.querySelector(".wrong:not([hidden])");
      this.focus();
      if (wrong && !this.form.querySelector("[role=alert]")) say(wrong.textContent.replace(/\s+/g, " ").trim());
    }

    notSaved(words) {
      const place = this.form.querySelector("[data-not-saved]");
      place.hidden = !words;
      place.textContent = words;
      if (words) say(words);
    }

    async saved(page, url) {
      const words = this.form.dataset.oneFact;
      const wasHere = this.form.contains(document.activeElement) || document.activeElement === document.body;
      const isThisPage = new URL(url).pathname === location.pathname && !location.search;
      const told = [...page.querySelectorAll("#messages .flash")];
      // What was merely saved is said and not shown: it stands in its place.
      const stays = told.filter((one) => !one.matches(".success"));
      const now = isThisPage ? page : parsed(await (await ask(location.pathname + location.search)).text());
      this.close();
      this.place.classList.add("just-saved");
      renew(now);
      document.getElementById("messages").replaceChildren(...stays.map((one) => document.importNode(one, true)));
      const link = document.querySelector(`a[data-change][href="${CSS.escape(this.href)}"]`);
      link?.closest("[data-fact]").classList.add("just-saved");
      if (wasHere) link?.focus({ focusVisible: true });
      const outcome = told.map((one) => one.textContent.trim()).join(" ");
      say(`${words[0].toUpperCase()}${words.slice(1)}: ${outcome || "saved."}`);
    }
  }

  // ---- what else the page says of it

  const ownClasses = (node) => [...node.classList].filter((one) => !OURS.has(one)).join(" ");
  const parts = (node) => [...node.childNodes].filter((one) => !one.matches?.("form[data-one-fact], .fact-trouble"));
  const attributes = (node) =>
    JSON.stringify([...node.attributes]
      .filter((one) => !["class", "open", "data-ready", "aria-busy", "data-sent-at"].includes(one.name))
      .map((one) => [one.name, one.value]).sort().concat([ownClasses(node)]));

  const keepTicks = (mine, next) => {
    for (const one of mine.querySelectorAll("input[name][value]:checked")) {
      const same = next.querySelector(`input[name="${CSS.escape(one.name)}"][value="${CSS.escape(one.value)}"]`);
      if (same) same.checked = true;
    }
  };

  // Only what differs is put in its place: what is being typed elsewhere on the page stays.
  const bring = (mine, fresh) => {
    if (mine.isEqualNode(fresh)) return;
    if (mine.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
      mine.data = fresh.data;
      return;
    }
    if (mine.nodeType === Node.ELEMENT_NODE && mine.nodeName === fresh.nodeName) {
      if (mine.matches("[data-stays]")) return;
      const [inMine, inFresh] = [parts(mine), parts(fresh)];
      if (attributes(mine) === attributes(fresh) && inMine.length === inFresh.length) {
        inMine.forEach((one, at) => bring(one, inFresh[at]));
        return;
      }
      if (mine.matches(KEPT) || mine.querySelector(KEPT)) return;
    }
    const next = document.importNode(fresh, true);
    if (mine.nodeType === Node.ELEMENT_NODE && next.nodeType === Node.ELEMENT_NODE) keepTicks(mine, next);
    mine.replaceWith(next);
  };

  const renew = (page) => {
    const [mine, fresh] = [document.getElementById("main"), page.getElementById("main")];
    if (!mine || !fresh) return;
    document.title = page.title;
    const messages = fresh.querySelector("#messages");
    if (messages) messages.replaceChildren(...document.getElementById("messages").cloneNode(true).childNodes);
    bring(mine, fresh);
    document.dispatchEvent(new CustomEvent("liaise:shown", { detail: mine }));
  };

  // ---- how one begins

  const begin = (link) => {
    const place = link.closest("[data-fact]");
    const there = open.get(place);
    if (there) {
      if (there.form) there.focus();
      return;
    }
    new Editor(place, link).begin();
  };

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-change]");
    if (link) {
      event.preventDefault();
      begin(link);
      return;
    }
    const place = event.target.closest("[data-fact]");
    const isAnother = event.target.closest("a, button, input, select, textarea, label, summary, form, h1, .prose");
    if (!place || isAnother || !getSelection().isCollapsed) return;
    const own = place.querySelector("a[data-change]");
    if (own) begin(own);
  });

  window.addEventListener("beforeunload", (event) => {
    if ([...open.values()].some((one) => one.form && one.isChanged)) event.preventDefault();
  });
})();
