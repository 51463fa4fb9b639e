// An answer that conflicts with a stored one is kept in this tab until the person opens the stored answer.
export const conflictKey = (person, assignment) => `aside/${person}/${assignment}`;

// `given` is the form content of an outbox entry: names and values of choices, and the written words.
export const keepConflict = ({ person, seat, given }, storedUuid) => {
  if (given) sessionStorage.setItem(conflictKey(person, seat), JSON.stringify({ replaces: storedUuid, ...given }));
};
