// Passkeys: a button asks the browser for one, and what it gives is sent with the form.
const form = document.querySelector("[data-passkey]");
const button = form?.querySelector("[data-passkey-button]");
// Browsers since 2025, on pages served by https or from this machine.
const isKnown = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

const ask = () => {
  const { publicKey } = JSON.parse(document.getElementById("passkey-options").textContent);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
};

if (button && isKnown) {
  button.hidden = false;
  for (const missing of form.querySelectorAll("[data-passkey-missing]")) missing.hidden = true;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    const empty = [...form.elements].find((field) => field.required && field.name !== "code" && !field.value.trim());
    if (empty) return empty.focus();
    try {
      form.elements.passkey.value = JSON.stringify(await ask());
    } catch {
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}
