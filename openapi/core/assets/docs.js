// Copy buttons and the choice between light and dark. The pages read well without it.
"use strict";

(() => {
  const KEPT = "colorMode"; // shared with the reference, which keeps its own choice under this name
  const root = document.documentElement;

  function show(mode) {
    root.classList.toggle("dark-mode", mode === "dark");
    root.classList.toggle("light-mode", mode === "light");
  }

  function kept() {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null; // storage can be forbidden; the system's choice is used
    }
  }

  function keep(mode) {
    try {
      localStorage.setItem(KEPT, mode);
    } catch {
      // nothing depends on it
    }
  }

  function isDark() {
    return getComputedStyle(root).colorScheme === "dark" ||
      (!root.classList.contains("light-mode") && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  function toggleMode() {
    const mode = isDark() ? "light" : "dark";
    show(mode);
    keep(mode);
  }

  // What is worth copying: of a console only what is typed, of everything else all of it.
  function copied(pre) {
    const typed = [...pre.querySelectorAll(".typed")];
    return (typed.length ? typed.map((span) => span.textContent).join("") : pre.textContent).trimEnd();
  }

  async function put(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Browsers offer the clipboard to https and localhost only.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  function addCopyButton(pre) {
    const box = Object.assign(document.createElement("div"), { className: "code" });
    const button = Object.assign(document.createElement("button"), { className: "copy", type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      await put(copied(pre));
      button.textContent = "Copied";
      button.classList.add("done");
      setTimeout(() => { button.textContent = "Copy"; button.classList.remove("done"); }, 1500);
    });
    pre.replaceWith(box);
    box.append(pre, button);
  }

  show(kept());
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("pre").forEach(addCopyButton);
    const mode = document.querySelector(".mode");
    mode.hidden = false;
    mode.addEventListener("click", toggleMode);
  });
})();
