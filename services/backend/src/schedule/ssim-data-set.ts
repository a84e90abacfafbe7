import { BadRow, type SkippedRow, UnreadableFile } from "./import-report.ts"
import {
  type CarrierRecord,
  itineraryOf,
  type LegRecord,
  parseCarrier,
  parseLeg,
  parseSegment,
  parseSerial,
  parseTrailer,
  quote,
  RECORD_BYTES,
  serialAfter,
} from "./ssim-records.ts"

/** A flight leg with what its carrier record and its segment data say about it. */
export interface Leg extends LegRecord {
  line: number
  timeMode: "utc" | "local"
  /** For open periods. */
  validFrom: number | undefined
  validUntil: number | undefined
  /** Of which this leg is a commercial duplicate, as DEI 50 names it. */
  operatingFlight?: string
  /** Text about the operator (DEI 127). */
  operator?: string
}

const DUPLICATE_OF = 50
const FULL_CONFIGURATION = 108
const OPERATOR = 127

const FILLER = "0".repeat(RECORD_BYTES)
const EXPECTED = {
  header: { types: "1", name: "a header record (1)" },
  carrier: { types: "2", name: "a carrier record (2)" },
  legs: { types: "345", name: "a flight leg (3), segment data (4) or a trailer (5)" },
  end: { types: "1", name: "the end of the file" },
}

/**
 * Reads the records of a file in order and hands on each leg, once its segment data is complete. A file whose frame is
 * broken is refused as a whole, because nobody knows what is missing of it: `line` and `end` throw UnreadableFile with
 * line and column where a record is not 200 bytes long or out of its place, serial numbers have a gap, an airline is not
 * that of the carrier record, a carrier or trailer record is malformed or the last trailer is missing. A malformed leg is
 * skipped and reported alone. Files may hold several carriers, and several data sets one after the other.
 */
export function readDataSet(onLeg: (leg: Leg) => void, onSkip: (row: SkippedRow) => void) {
  let number = 0
  let records = 0
  let serial = 0
  let place: keyof typeof EXPECTED = "header"
  let carrier: (CarrierRecord & { line: number }) | undefined
  /** The leg that segment data may still follow; without a leg when that one was bad. */
  let open: { key: string; leg?: Leg } | undefined
  /** For the sequence of the legs; after one that could not be read nobody knows. */
  let previous: Leg | "unread" | undefined

  function line(text: string): void {
    number++
    if (text === "" || text === FILLER) return
    records++
    if (text.length !== RECORD_BYTES)
      refuse(Math.min(text.length, RECORD_BYTES) + 1, `the record has ${text.length} bytes in place of ${RECORD_BYTES}`)
    const type = text[0]!
    if (!EXPECTED[place].types.includes(type))
      refuse(1, `record type ${quote(type)} in place of ${EXPECTED[place].name}`)
    checkSerial(text, type)
    if (place === "legs") checkCarrier(text)
    if (type !== "4") closeLeg()
    if (type === "1") place = "carrier"
    else if (type === "2") insist(() => openCarrier(text))
    else if (type === "3") addLeg(text)
    else if (type === "4") tolerate(() => addSegment(text))
    else insist(() => closeCarrier(text))
  }

  function end(): void {
    number++
    if (place !== "end") refuse(1, `the file ends in place of ${EXPECTED[place].name}`)
  }

  function checkSerial(text: string, type: string): void {
    const expected = type === "1" ? 1 : serialAfter(serial)
    serial = insist(() => parseSerial(text))
    if (serial !== expected) refuse(195, `record serial number ${serial} in place of ${expected}`)
  }

  function checkCarrier(text: string): void {
    const { carrierCode, line } = carrier!
    const code = text.slice(2, 5)
    if (code.trimEnd() !== carrierCode)
      refuse(3, `airline ${quote(code)} contradicts the carrier record of ${carrierCode} on line ${line}`)
  }

  function openCarrier(text: string): void {
    carrier = { ...parseCarrier(text), line: number }
    previous = undefined
    place = "legs"
  }

  function closeCarrier(text: string): void {
    const trailer = parseTrailer(text)
    if (serialAfter(trailer.previousSerial) !== serial)
      throw new BadRow(`the trailer says that serial number ${trailer.previousSerial} came before it`, 188)
    place = trailer.ends ? "end" : "carrier"
  }

  function addLeg(text: string): void {
    open = { key: text.slice(1, 13) }
    const before = previous
    previous = "unread"
    tolerate(() => {
      const leg: Leg = {
        ...parseLeg(text),
        line: number,
        timeMode: carrier!.timeMode,
        validFrom: carrier!.validFrom,
        validUntil: carrier!.validUntil,
      }
      previous = leg
      if (before !== "unread") checkSequence(leg, before)
      open!.leg = leg
    })
  }

  function checkSequence(leg: Leg, before: Leg | undefined): void {
    const next = before?.itinerary === leg.itinerary ? before.sequence + 1 : 1
    if (leg.sequence !== next)
      throw new BadRow(`leg sequence number ${leg.sequence} in place of ${next} of the itinerary`, 12)
    if (next > 1 && leg.origin !== before!.destination)
      throw new BadRow(`the leg begins in ${leg.origin}, the one before it ends in ${before!.destination}`, 37)
  }

  function addSegment(text: string): void {
    if (open?.key !== text.slice(1, 13)) throw new BadRow("segment data of another leg than the one before it", 2)
    const { element, data } = parseSegment(text)
    const { leg } = open
    if (!leg) return
    if (itineraryOf(text, 28) !== leg.itinerary) throw new BadRow("the itinerary variation is not the leg's", 28)
    if (element === DUPLICATE_OF) leg.operatingFlight = data.slice(0, 20).replace(/\s+/g, " ")
    else if (element === FULL_CONFIGURATION) leg.configuration = data
    else if (element === OPERATOR) leg.operator = data.slice(0, 60)
  }

  function closeLeg(): void {
    if (open?.leg) onLeg(open.leg)
    open = undefined
  }

  function tolerate(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      onSkip({ line: number, column: error.column, reason: error.message, duplicate: false })
    }
  }

  function insist<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      return refuse(error.column!, error.message)
    }
  }

  function refuse(column: number, reason: string): never {
    throw new UnreadableFile(`line ${number}, column ${column}: ${reason}`)
  }

  return { line, end, records: () => records }
}
