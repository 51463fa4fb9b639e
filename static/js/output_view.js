// Long outputs: the wide view and how both outputs scroll, kept from pair to pair. Without this module the choices work on
// one page, and outputs in boxes of their own scroll one by one.
export const startOutputView = () => {
  const [wide, apart] = ["wide", "apart"].map((id) => document.getElementById(id));
  if (!wide) return () => false;
  for (const input of [wide, apart]) {
    input.checked = localStorage.getItem(input.id) === "on";
    input.addEventListener("change", (event) => {
      // It is no part of the verdict.
      event.stopPropagation();
      localStorage.setItem(input.id, input.checked ? "on" : "off");
    });
  }

  // By the share that is read: one may be much longer than the other.
  const room = (output) => Math.max(0, output.scrollHeight - output.clientHeight);
  const outputs = [...document.querySelectorAll(".pair.is-text > .output")];
  let following = null;
  const follow = (output, [other]) => {
    if (following === output) { following = null; return; }
    if (apart.checked || !room(output) || !room(other)) return;
    const top = Math.round((output.scrollTop / room(output)) * room(other));
    if (top === Math.round(other.scrollTop)) return;
    following = other;
    other.scrollTop = top;
  };
  for (const output of outputs) output.addEventListener("scroll", () => follow(output, outputs.filter((one) => one !== output)));

  // Whether the key was for the view.
  return (code) => {
    const input = { KeyW: wide, KeyS: apart }[code];
    input?.click();
    return input !== undefined;
  };
};
