/** Whether what processors make of the frames is wanted, as kept in the page's address: it is, unless somebody has said no. */
export const wantsResults = (query: URLSearchParams): boolean => query.get('results') !== 'off';

/** The query with the wish in it; what is as usual is left out, whatever else is there is kept. */
export function queryWithResults(wanted: boolean, current: URLSearchParams): string {
  const query = new URLSearchParams(current);
  query.delete('results');
  if (!wanted) query.set('results', 'off');
  return query.size ? `?${query.toString()}` : '';
}
