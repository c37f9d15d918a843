package reports

// The fields of a record, by number.
const (
	fieldCell = iota
	fieldModel
	fieldDataset
	fieldSettings
	fieldSettingsId
	fieldSeed
	fieldStep
	fieldFeaturizer
	fieldProtocol
	fieldReference
	fieldN
	fieldNReal
	fieldMetric
	fieldValue
	fieldUnit
	fieldBetter
	fieldInterval
	fieldNoInterval
	fieldStatus
	fieldWarnings
	fieldConvention
	fieldError
	fieldCost
	fieldProvenance
	fieldCause
	fieldStudy
	fieldAlarms
	fieldCount
)

// fieldIndex numbers the fields of a record; -1 for another name.
func fieldIndex(name []byte) int {
	switch string(name) {
	case "cell":
		return fieldCell
	case "model":
		return fieldModel
	case "dataset":
		return fieldDataset
	case "settings":
		return fieldSettings
	case "settings_id":
		return fieldSettingsId
	case "seed":
		return fieldSeed
	case "step":
		return fieldStep
	case "featurizer":
		return fieldFeaturizer
	case "protocol":
		return fieldProtocol
	case "reference":
		return fieldReference
	case "n":
		return fieldN
	case "n_real":
		return fieldNReal
	case "metric":
		return fieldMetric
	case "value":
		return fieldValue
	case "unit":
		return fieldUnit
	case "better":
		return fieldBetter
	case "interval":
		return fieldInterval
	case "no_interval":
		return fieldNoInterval
	case "status":
		return fieldStatus
	case "warnings":
		return fieldWarnings
	case "convention":
		return fieldConvention
	case "error":
		return fieldError
	case "cost":
		return fieldCost
	case "provenance":
		return fieldProvenance
	case "cause":
		return fieldCause
	case "study":
		return fieldStudy
	case "alarms":
		return fieldAlarms
	}
	return -1
}
