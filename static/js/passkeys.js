// Passkeys: the browser is asked what the form says, and its answer is sent in the form.
(function () {
  "use strict";

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); });
  }
  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  }
  function known(credential) { return Object.assign({}, credential, { id: bytes(credential.id) }); }

  function ask(options, makes) {
    options.challenge = bytes(options.challenge);
    if (makes) {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = (options.excludeCredentials || []).map(known);
      return navigator.credentials.create({ publicKey: options });
    }
    options.allowCredentials = options.allowCredentials.map(known);
    return navigator.credentials.get({ publicKey: options });
  }

  function told(made) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (made.response[name]) { response[name] = text(made.response[name]); }
    });
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response: response, clientExtensionResults: {} });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    if (!window.PublicKeyCredential) { return; }
    form.addEventListener("submit", function (event) {
      var field = form.elements.passkey;
      if (field.value) { return; }
      event.preventDefault();
      ask(JSON.parse(form.dataset.options), form.dataset.passkey === "make").then(function (made) {
        field.value = told(made);
        form.submit();
      }, function () {
        form.querySelector("[role=alert]").textContent = form.dataset.failed;
      });
    });
  });
})();
