// After a long stretch of work a break is offered, once the answer is given. Nothing waits for it.
const STRETCH_MS = 50 * 60_000;
const BREAK_MS = 5 * 60_000;
const place = document.getElementById("break-reminder");

const read = () => JSON.parse(sessionStorage.getItem("stretch") ?? "null") ?? { worked: 0, at: Date.now() };
const write = (worked) => sessionStorage.setItem("stretch", JSON.stringify({ worked, at: Date.now() }));
const offer = () => { place.hidden = read().worked < STRETCH_MS; };

place.querySelector("button").addEventListener("click", () => { write(0); offer(); });

// Time that was worked counts up to a break, taken without being asked as well.
export const countWork = (ms) => {
  const { worked, at } = read();
  write((Date.now() - at - ms > BREAK_MS ? 0 : worked) + ms);
  offer();
};
offer();
