// Warns two minutes before a sign-in lapses; one key or click extends it.
(() => {
  "use strict";

  const dialog = document.getElementById("idle");
  if (!dialog || !dialog.showModal) return;
  const WARN = 120;
  const soon = dialog.querySelector("[data-idle-soon]");
  const over = dialog.querySelector("[data-idle-over]");
  const form = dialog.querySelector("form");
  let timers = [];

  const wait = (seconds) => {
    timers.forEach(clearTimeout);
    const left = Math.max(seconds, 0) * 1000;
    timers = [
      setTimeout(() => { if (!dialog.open) dialog.showModal(); }, Math.max(left - WARN * 1000, 0)),
      setTimeout(() => { soon.hidden = true; over.hidden = false; }, left),
    ];
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { "HX-Request": "true" },
      });
      if (answer.status !== 200) throw new Error("signed out");
      dialog.close();
      wait(Number(await answer.text()));
    } catch {
      soon.hidden = true;
      over.hidden = false;
    }
  });

  wait(Number(dialog.dataset.secondsLeft));
})();
