import type { FareBrand } from "@airside/protos/airside/flights/v1/flights"
import type { Brand } from "./fares.ts"

/** What a brand gives beside the flight, lowest first; what it costs is in fares.ts. */
export const BRANDS: Record<Brand, Omit<FareBrand, "name"> & { choosesSeats: boolean }> = {
  light: {
    title: "Light",
    cabinBag: "One cabin bag up to 8 kg.",
    checkedBag: "No checked bag.",
    checkedBags: 0,
    seatChoice: "We assign your seat.",
    choosesSeats: false,
    changes: "No changes: cancel and book anew.",
    refunds: "The fare is not refunded; taxes and airport charges are.",
    cancellationFeePercent: 100,
  },
  standard: {
    title: "Standard",
    cabinBag: "One cabin bag up to 8 kg.",
    checkedBag: "One checked bag up to 23 kg.",
    checkedBags: 1,
    seatChoice: "Choose your seat for free.",
    choosesSeats: true,
    changes: "Cancel for the fee and book anew.",
    refunds: "Refunded for a fee of 20 % of the fare.",
    cancellationFeePercent: 20,
  },
  flex: {
    title: "Flex",
    cabinBag: "One cabin bag up to 8 kg.",
    checkedBag: "Two checked bags up to 23 kg each.",
    checkedBags: 2,
    seatChoice: "Choose your seat for free.",
    choosesSeats: true,
    changes: "Cancel for free and book anew, as often as you like.",
    refunds: "Refunded in full until departure.",
    cancellationFeePercent: 0,
  },
}
