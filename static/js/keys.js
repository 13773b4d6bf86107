// Keys, where they were chosen in /display; each has a link or button that does the same.
(function () {
  "use strict";

  var by = window.debate.by;
  var focus = window.debate.focus;
  var go = window.debate.go;

  var keys = {
    j: function () { go(1, ".passage[aria-label]"); },
    k: function () { go(-1, ".passage[aria-label]"); },
    o: function (here) {
      var marker = here.closest(".passage") && here.closest(".passage").querySelector(".marker");
      if (marker) { marker.click(); }
    },
    r: function (here) {
      var reply = here.closest("article.reply");
      var link = (reply || here.closest(".passage") || document).querySelector(reply ? "a.answer" : ".write > summary");
      var slot = link && reply && by("answer-" + reply.id.slice(6));
      var begun = slot && slot.querySelector(".reply-form textarea");
      if (begun) {
        begun.focus();
      } else if (slot) { // no side is chosen yet; what is refused stands where a press of the link would put it
        window.htmx.ajax("GET", link.pathname, {
          source: slot, target: slot, swap: "innerHTML", headers: { "HX-Trigger": link.id }
        });
      } else if (link) {
        link.click();
      }
    },
    u: function (here) {
      var reply = here.closest("article.reply");
      var up = reply && reply.closest("ol") && reply.closest("ol").closest("li");
      focus(up ? up.querySelector("article.reply") : here.closest(".passage") || document.querySelector(".quoted"));
    },
    "?": function () {
      by("keys").open = true;
      by("keys").querySelector("summary").focus();
    }
  };

  document.addEventListener("keydown", function (event) {
    var here = event.target;
    var act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(here.tagName)) {
      return;
    }
    event.preventDefault();
    act(here);
  });
})();
