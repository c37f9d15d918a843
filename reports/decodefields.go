package reports

// key reads one of the fields that say what was measured.
func (d *decoder) key(l *line, field int, r *Record) bool {
	switch field {
	case fieldCell:
		r.Cell = repeat(&d.cell, l.text())
	case fieldModel:
		r.Model = d.share(l.text())
	case fieldDataset:
		r.Dataset = d.share(l.text())
	case fieldSettings:
		r.Settings = remembered(l, &d.settings, d.pairs)
	case fieldSettingsId:
		r.SettingsID = repeat(&d.settingsID, l.text())
	case fieldSeed:
		r.Seed = l.digits()
	case fieldStep:
		r.Step = l.whole()
	case fieldFeaturizer:
		r.Featurizer = d.share(l.text())
	case fieldProtocol:
		r.Protocol = d.share(l.text())
	case fieldReference:
		r.Reference = d.share(l.text())
	case fieldN:
		r.N = l.whole()
	case fieldNReal:
		r.NReal = l.whole()
	case fieldMetric:
		r.Metric = d.share(l.text())
	default:
		return false
	}
	return true
}

// found reads one of the fields that say what was found, and where it comes from.
func (d *decoder) found(l *line, field int, r *Record) bool {
	switch field {
	case fieldStudy:
		r.Study = remembered(l, &d.study, d.draws)
	case fieldValue:
		r.Value = l.number()
	case fieldUnit:
		r.Unit = d.share(l.text())
	case fieldBetter:
		r.Better = d.share(l.text())
	case fieldInterval:
		r.Interval = d.interval(l)
	case fieldNoInterval:
		r.NoInterval = d.share(l.text())
	case fieldStatus:
		r.Status = d.share(l.text())
	case fieldWarnings:
		r.Warnings = d.list(l)
	case fieldConvention:
		last := d.conventions[r.Metric]
		if last == nil && len(d.conventions) < maxTexts {
			last = &shared[map[string]string]{}
			d.conventions[r.Metric] = last
		}
		if last == nil {
			last = &shared[map[string]string]{}
		}
		r.Convention = remembered(l, last, d.pairs)
	case fieldError:
		r.Error = string(l.text())
	case fieldCause:
		r.Cause = Cause(d.share(l.text()))
	case fieldAlarms:
		r.Alarms = d.alarms(l)
	case fieldCost:
		r.Cost = remembered(l, &d.cost, costs)
	case fieldProvenance:
		r.Provenance = remembered(l, &d.provenance, d.origin)
	default:
		return false
	}
	return true
}

func (d *decoder) interval(l *line) *Interval {
	var i Interval
	l.members(func(name []byte) int {
		at := -1
		switch string(name) {
		case "lo":
			at, i.Lo = 0, l.number()
		case "hi":
			at, i.Hi = 1, l.number()
		case "level":
			at, i.Level = 2, l.number()
		case "method":
			at, i.Method = 3, d.share(l.text())
		}
		return at
	})
	return &i
}

func (d *decoder) draws(l *line) []Draw { return objects(l, d.oneDraw) }

func (d *decoder) alarms(l *line) []Alarm { return objects(l, d.alarm) }

// objects goes past a list and reads each of its members.
func objects[T any](l *line, one func(*line) T) []T {
	out := []T{}
	l.take('[')
	for more := !l.next(']'); more && !l.odd; more = !l.odd && !l.next(']') {
		if len(out) > 0 {
			l.take(',')
		}
		out = append(out, one(l))
	}
	return out
}

func (d *decoder) alarm(l *line) (a Alarm) {
	l.members(func(name []byte) int {
		at := -1
		switch string(name) {
		case "kind":
			at, a.Kind = 0, AlarmKind(d.share(l.text()))
		case "step":
			at, a.Step = 1, l.whole()
		case "since":
			at, a.Since = 2, l.whole()
		case "ended":
			at, a.Ended = 3, l.whole()
		case "text":
			at, a.Text = 4, d.share(l.text())
		}
		return at
	})
	return a
}

func (d *decoder) oneDraw(l *line) (one Draw) {
	l.members(func(name []byte) int {
		at := -1
		switch string(name) {
		case "phase":
			at, one.Phase = 0, d.share(l.text())
		case "draw":
			at, one.Number = 1, l.whole()
		case "of":
			at, one.Of = 2, d.share(l.text())
		case "from":
			at, one.From = 3, d.share(l.text())
		case "rung":
			at, one.Rung = 4, l.whole()
		case "stop":
			at, one.Stop = 5, d.share(l.text())
		}
		return at
	})
	return one
}

func (d *decoder) list(l *line) []string {
	l.take('[')
	out := []string{}
	if l.next(']') {
		return out
	}
	for !l.odd {
		out = append(out, d.share(l.text()))
		if l.next(']') {
			break
		}
		l.take(',')
	}
	return out
}

func costs(l *line) Cost {
	var c Cost
	l.members(func(name []byte) int {
		at := -1
		switch string(name) {
		case "wall_s":
			at, c.WallSeconds = 0, l.number()
		case "cpu_s":
			at, c.CPUSeconds = 1, l.number()
		case "d_steps":
			at, c.DSteps = 2, l.whole()
		case "g_steps":
			at, c.GSteps = 3, l.whole()
		case "samples":
			at, c.Samples = 4, l.whole()
		case "evaluations":
			at, c.Evaluations = 5, l.number()
		case "samples_per_s":
			at, c.SamplesPerSecond = 6, l.number()
		}
		return at
	})
	return c
}

func (d *decoder) origin(l *line) Provenance {
	var p Provenance
	l.members(func(name []byte) int {
		at := -1
		switch string(name) {
		case "version":
			at, p.Version = 0, d.share(l.text())
		case "kernel":
			at, p.Kernel = 1, d.share(l.text())
		case "cpu":
			at, p.CPU = 2, d.share(l.text())
		case "dataset_hash":
			at, p.DatasetHash = 3, d.share(l.text())
		case "weights_hash":
			at, p.WeightsHash = 4, d.share(l.text())
		case "samples_hash":
			at, p.SamplesHash = 5, d.share(l.text())
		case "images":
			at, p.Images = 6, l.whole()
		case "content":
			at, p.Content = 7, d.share(l.text())
		case "prepared":
			at, p.Prepared = 8, d.share(l.text())
		}
		return at
	})
	return p
}
