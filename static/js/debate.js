// What htmx leaves to us: where the focus goes, open and close in place, words kept when a form fails.
(function () {
  "use strict";

  function by(id) { return document.getElementById(id); }

  function alarm(words) {
    var box = by("alarm");
    box.textContent = "";
    box.textContent = words;
  }

  function shut(trigger) {
    var panel = by(trigger.dataset.opens);
    panel.replaceChildren();
    trigger.setAttribute("aria-expanded", "false");
    history.replaceState(history.state, "", location.pathname + "#" + trigger.closest("section").id);
    trigger.focus();
  }

  document.addEventListener("debate:focus", function (event) {
    var element = document.querySelector(event.detail.selector);
    if (!element) { return; }
    if (!element.hasAttribute("tabindex") && element.tabIndex < 0) { element.tabIndex = -1; }
    element.focus();
  });

  document.addEventListener("click", function (event) {
    var closer = event.target.closest("[data-closes]");
    if (closer) {
      event.preventDefault();
      shut(document.querySelector('[data-opens="' + closer.dataset.closes + '"]'));
      return;
    }
    var cancel = event.target.closest("[data-cancels]");
    var form = cancel && by(cancel.dataset.cancels);
    var slot = form && form.closest(".slot");
    if (slot) {
      event.preventDefault();
      slot.replaceChildren();
      var opener = document.querySelector('[data-hx-target="#' + slot.id + '"]');
      if (opener) { opener.focus(); }
    }
  });

  // A debate that is open is closed by its marker.
  document.addEventListener("htmx:beforeRequest", function (event) {
    var trigger = event.detail.elt;
    if (trigger.dataset.opens && trigger.getAttribute("aria-expanded") === "true") {
      event.preventDefault();
      shut(trigger);
      return;
    }
    if (trigger.tagName === "FORM") {
      if (trigger.getAttribute("aria-busy") === "true") {
        event.preventDefault(); // the second click of a double click
        return;
      }
      trigger.setAttribute("aria-busy", "true");
    }
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    event.detail.elt.removeAttribute("aria-busy");
    if (event.detail.elt.dataset.opens && event.detail.successful) {
      event.detail.elt.setAttribute("aria-expanded", "true");
    }
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    var vote = event.detail.elt;
    var reply = vote && vote.closest && vote.closest("article.reply");
    if (reply && vote.classList.contains("vote")) { reply.dataset.score = vote.dataset.score; }
    var box = document.querySelector(".refused[role=alert]");
    if (box && !box.contains(document.activeElement) && box !== document.activeElement) { box.focus(); }
  });

  document.addEventListener("htmx:sendError", function () { alarm("Not sent. Your text is kept. Try again."); });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status >= 500) { alarm("Not sent. Your text is kept. Try again."); }
  });

  // Leaving with words half written asks once.
  window.addEventListener("beforeunload", function (event) {
    var half = Array.prototype.some.call(document.querySelectorAll("form[data-keep] textarea"), function (area) {
      return area.value.trim() !== area.defaultValue.trim() && !area.form.dataset.sending;
    });
    if (half) { event.preventDefault(); }
  });
  document.addEventListener("submit", function (event) { event.target.dataset.sending = "yes"; });
})();
