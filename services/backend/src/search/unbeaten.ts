/**
 * The itineraries that no other one beats, as arrays of numbers in order of price: a search asks several hundred times
 * whether one of them is better.
 */
export interface Unbeaten {
  /**
   * True when one of them costs no more, leaves no earlier and arrives no later. Not by its equal: of those the first in
   * order is shown, which only rank-itineraries.ts knows.
   */
  beat(price: number, departure: number, arrival: number, flights: number): boolean
  /** Counts in what they do not beat, and forgets what it beats. */
  add(price: number, departure: number, arrival: number, flights: number): void
}

const ROOM = 64

export function createUnbeaten(): Unbeaten {
  let count = 0
  let prices = new Float64Array(ROOM)
  let departures = new Int32Array(ROOM)
  let arrivals = new Int32Array(ROOM)
  let flightCounts = new Uint8Array(ROOM)

  const grow = () => {
    prices = enlarged(prices, new Float64Array(2 * count))
    departures = enlarged(departures, new Int32Array(2 * count))
    arrivals = enlarged(arrivals, new Int32Array(2 * count))
    flightCounts = enlarged(flightCounts, new Uint8Array(2 * count))
  }
  const move = (from: number, to: number) => {
    prices[to] = prices[from]!
    departures[to] = departures[from]!
    arrivals[to] = arrivals[from]!
    flightCounts[to] = flightCounts[from]!
  }

  return {
    beat(price, departure, arrival, flights) {
      for (let index = 0; index < count && prices[index]! <= price; index++) {
        if (departures[index]! < departure || arrivals[index]! > arrival) continue
        const isEqual =
          prices[index] === price &&
          departures[index] === departure &&
          arrivals[index] === arrival &&
          flightCounts[index] === flights
        if (!isEqual) return true
      }
      return false
    },
    add(price, departure, arrival, flights) {
      if (count === prices.length) grow()
      let at = count++
      for (; at > 0 && prices[at - 1]! > price; at--) move(at - 1, at)
      prices[at] = price
      departures[at] = departure
      arrivals[at] = arrival
      flightCounts[at] = flights
      // Whatever beats the one that is forgotten beats what that one would: nothing is lost.
      let kept = at + 1
      for (let index = kept; index < count; index++) {
        if (departures[index]! > departure || arrivals[index]! < arrival) move(index, kept++)
      }
      count = kept
    },
  }
}

function enlarged<Column extends Float64Array | Int32Array | Uint8Array>(column: Column, larger: Column): Column {
  larger.set(column)
  return larger
}
