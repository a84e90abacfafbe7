const A = 65
const LETTERS = 26

const number = (code: string): number =>
  ((code.charCodeAt(0) - A) * LETTERS + code.charCodeAt(1) - A) * LETTERS + code.charCodeAt(2) - A

/** A route as SearchFlightsResponse.routes names it: the two airports' codes as digits of base 26. */
export const routeCode = (origin: string, destination: string): number =>
  number(origin) * LETTERS ** 3 + number(destination)
