// Suggests a break after a long stretch of work, once the answer is submitted. It blocks nothing.
const STRETCH_MS = 50 * 60_000;
const BREAK_MS = 5 * 60_000;
const box = document.getElementById("break-reminder");

const read = () => JSON.parse(sessionStorage.getItem("stretch") ?? "null") ?? { worked: 0, at: Date.now() };
const write = (worked) => sessionStorage.setItem("stretch", JSON.stringify({ worked, at: Date.now() }));
const draw = () => { box.hidden = read().worked < STRETCH_MS; };

box.querySelector("button").addEventListener("click", () => { write(0); draw(); });

// Active time counts until a break, also one taken without the reminder.
export const countActiveTime = (ms) => {
  const { worked, at } = read();
  write((Date.now() - at - ms > BREAK_MS ? 0 : worked) + ms);
  draw();
};
draw();
