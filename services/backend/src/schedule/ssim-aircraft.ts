import { AIRCRAFT, type Aircraft, type AircraftCode, type Cabin } from "../../seed/aircraft.ts"
import { CABINS } from "./base-fare.ts"
import { BadRow } from "./import-report.ts"

/** IATA's codes of aircraft types (SSIM appendix A): what people call them, and the type of ours whose size is closest. */
const TYPES = new Map<string, { name: string; like: AircraftCode }>([
  ...types(
    "ATR 72",
    "AT7 ATR: ATR 72; AT4 AT5: ATR 42; DH8 DH4: Dash 8-400; DH3: Dash 8-300; CR2: CRJ200; ER4: ERJ 145",
  ),
  ...types(
    "E190",
    "E70: E170; E75 E7W: E175; E90: E190; 290: E190; CR7: CRJ700; CR9: CRJ900; CRK: CRJ1000; SU9: Superjet",
  ),
  ...types(
    "A220",
    "221: A220-100; 223 BCS: A220-300; E95: E195; 295: E195-E2; 318: A318; 319 31A 31B: A319; 31N: A319neo",
  ),
  ...types("A220", "736: 737-600; 73W 73G: 737-700; 717: 717; F1H 100: Fokker 100; 735: 737-500"),
  ...types("A320neo", "320 32A 32S: A320; 32N: A320neo; 733 73C: 737-300; 734: 737-400; M80 M88 M90: MD-80; 919: C919"),
  ...types("737-8", "738 73H 737: 737-800; 7M8: 737-8; 7M7: 737-7"),
  ...types(
    "A321neo",
    "321 32B: A321; 32Q: A321neo; 739 73J: 737-900; 7M9: 737-9; 7MJ: 737-10; 752 757 75W: 757-200; 753: 757-300",
  ),
  ...types("A321XLR", "32X: A321XLR"),
  ...types(
    "A330-900",
    "330 332: A330-200; 333: A330-300; 338: A330-800; 339: A330-900; 762 763 764 767 76W: 767; 310: A310",
  ),
  ...types("787-9", "787 788: 787-8; 789: 787-9; 78X 781: 787-10; 342 343: A340-300"),
  ...types("A350-900", "350 359: A350-900; 351: A350-1000; 345: A340-500; 346: A340-600; 772 77L: 777-200"),
  ...types("777-300ER", "777 77W: 777-300ER; 773: 777-300; 779: 777-9"),
  ...types("A380", "380 388: A380; 744: 747-400; 747: 747; 748 74H: 747-8"),
])

/** First, business, premium economy; every other letter is a class of the economy cabin (SSIM chapter 2). */
const CABIN_OF: Record<string, Cabin> = {
  ...{ P: "first", F: "first", A: "first" },
  ...{ J: "business", C: "business", D: "business", I: "business", Z: "business" },
  W: "premium_economy",
}

const CONFIGURATION_COLUMN = 173

/** What an aircraft type is called, and its seats by cabin. */
export interface FittedAircraft {
  name: string
  type: Aircraft
  seats: Partial<Record<Cabin, number>>
}

/**
 * An aircraft with the cabins of its configuration ("F008J048Y240", classes of a cabin added up; after VV comes the
 * airline's own version, LL and PP are containers and pallets), or else those that our type of its size has. No seats
 * at all means a freighter. Throws BadRow.
 */
export function fittedAircraft(typeCode: string, configuration: string): FittedAircraft {
  const known = TYPES.get(typeCode)
  if (!known) throw new BadRow(`aircraft type ${typeCode} is not known`, 73)
  const type: Aircraft = AIRCRAFT[known.like]
  return { name: known.name, type, seats: seatsOf(configuration) ?? type.cabins }
}

/** Undefined where the configuration names no numbers of seats. */
function seatsOf(configuration: string): Partial<Record<Cabin, number>> | undefined {
  const parts = /^((?:(?!VV)[A-Z]\d{0,4})*)(?:VV.*)?$/.exec(configuration)?.[1]
  if (parts === undefined)
    throw new BadRow(
      `aircraft configuration "${configuration.slice(0, 20)}" has no seats by class`,
      CONFIGURATION_COLUMN,
    )
  const passengers = parts.replace(/(LL|PP)\d*/g, "")
  const classes = [...passengers.matchAll(/([A-Z])(\d+)/g)]
  if (classes.length === 0) return passengers === "" && parts !== "" ? {} : undefined
  const seats: Partial<Record<Cabin, number>> = {}
  for (const [, letter, digits] of classes) {
    const cabin = CABIN_OF[letter!] ?? "economy"
    seats[cabin] = (seats[cabin] ?? 0) + Number(digits)
  }
  return Object.fromEntries(CABINS.flatMap((cabin) => (seats[cabin] ? [[cabin, seats[cabin]]] : [])))
}

/** "738 73H: 737-800; 7M8: 737-8". */
function types(like: AircraftCode, lines: string): [string, { name: string; like: AircraftCode }][] {
  return lines.split("; ").flatMap((line) => {
    const [codes, name] = line.split(": ") as [string, string]
    return codes.split(" ").map((code): [string, { name: string; like: AircraftCode }] => [code, { name, like }])
  })
}
