/** Fake activities that note in which order they were called. */
export function recorded<Fakes extends object>(answers: Fakes): { calls: string[]; activities: Fakes } {
  const calls: string[] = [];
  const noting = Object.entries(answers).map(([name, answer]) => [
    name,
    (input: never) => {
      calls.push(name);
      return (answer as (input: never) => Promise<unknown>)(input);
    },
  ]);
  return { calls, activities: Object.fromEntries(noting) as Fakes };
}
