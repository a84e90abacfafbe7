export interface Carrier {
  /** Two characters in the shape of an IATA designator; the ending 1 keeps clear of the airlines that people know. */
  code: string
  name: string
  /** Where its aircraft are at home: every flight of a carrier begins or ends at one of these. */
  hubs: string[]
}

/** The invented carriers of the built-in network; each has a part of the world for a home. */
export const CARRIERS: Carrier[] = [
  carrier("A1", "Albion Airways", "LHR LGW MAN EDI BHX"),
  carrier("B1", "Bifrost Airways", "CPH OSL ARN HEL KEF BGO TRD"),
  carrier("C1", "Cottonwood Air", "ATL DFW IAH CLT MIA MCO DCA PHL SJU"),
  carrier("D1", "Dune Airways", "DXB DOH AUH RUH JED MCT"),
  carrier("E1", "Equata", "JNB CPT NBO ADD LOS CAI CMN ALG ACC"),
  carrier("F1", "Fleurance", "CDG ORY NCE LYS MRS BRU AMS"),
  carrier("G1", "Golden Coast Airways", "LAX SFO SEA LAS PHX HNL PDX ANC SLC"),
  carrier("I1", "Inti", "BOG LIM SCL MDE UIO CUZ"),
  carrier("J1", "Jacaranda", "GRU CGH BSB GIG CNF EZE AEP REC"),
  carrier("K1", "Kapok Air", "BKK DMK SGN HAN MNL HKG TPE CEB DAD"),
  carrier("L1", "Laurentian Air", "YYZ YUL YVR YYC"),
  carrier("M1", "Monsoon Airways", "DEL BOM BLR HYD MAA CCU AMD COK GAU"),
  carrier("N1", "Northway", "JFK EWR BOS ORD DTW MSP DEN IAD LGA"),
  carrier("O1", "Orienta", "IST SAW AYT ESB ATH TLV TAS GYD"),
  carrier("P1", "Puffin", "STN DUB BER BGY WAW BUD OTP PMI CRL KRK"),
  carrier("Q1", "Quetzal Air", "MEX CUN GDL MTY PTY TIJ SAL"),
  carrier("R1", "Rhenania", "FRA MUC VIE ZRH DUS HAM GVA"),
  carrier("T1", "Tanjung Airways", "SIN KUL CGK DPS SUB BKI UPG"),
  carrier("U1", "Umi", "HND NRT KIX ITM CTS FUK OKA ICN GMP CJU PUS"),
  carrier("V1", "Viento", "MAD BCN LIS FCO MXP OPO LPA TFS CTA"),
  carrier("W1", "Wattle", "SYD MEL BNE PER ADL AKL CHC NAN PPT"),
  carrier("Y1", "Yulan Airlines", "PEK PKX PVG SHA CAN SZX CTU TFU KMG XIY CKG HGH WUH URC"),
  carrier("Z1", "Zarnitsa", "SVO DME LED SVX OVB ALA NQZ"),
]

function carrier(code: string, name: string, hubs: string): Carrier {
  return { code, name, hubs: hubs.split(" ") }
}
