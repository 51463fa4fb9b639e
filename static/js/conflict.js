// An answer that was not stored over another one waits beside it, in this tab, until its person looks at what stands.
export const conflictKey = (person, seat) => `aside/${person}/${seat}`;

// `given` is what an entry of the outbox keeps of the form: names and values of what was chosen, and the words.
export const keepConflict = ({ person, seat, given }, standing) => {
  if (given) sessionStorage.setItem(conflictKey(person, seat), JSON.stringify({ replaces: standing, ...given }));
};
