package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

// trainMonitor is the monitor that the flags ask for, nil for none.
func (a *app) trainMonitor(ctx context.Context, m *runners.Model, f trainFlags) (*runners.Monitor, error) {
	if !f.monitor && f.watch.Every == 0 && len(f.stopOn) == 0 {
		return nil, nil
	}
	for _, word := range f.stopOn {
		kind, err := runners.ParseStop(word)
		if err != nil {
			return nil, usage(fmt.Errorf("--stop-on: %w", err))
		}
		f.watch.StopOn = append(f.watch.StopOn, kind)
	}
	w, err := m.Monitor(ctx, a.kit, f.watch)
	if errors.Is(err, zoo.ErrSetting) {
		return nil, usage(err)
	}
	return w, err
}

// keepWatch writes what the monitor saw beside the model, and says its alarms.
func (a *app) keepWatch(w *runners.Monitor, dir string, quiet bool) error {
	seen := w.Watch()
	b, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "monitor.json")
	if err := atomicfile.WriteBytes(file, append(b, '\n')); err != nil {
		return err
	}
	for _, alarm := range seen.Alarms {
		ended := ""
		if alarm.Ended > 0 {
			ended = fmt.Sprintf(" (until step %d)", alarm.Ended)
		}
		fmt.Fprintf(a.err, "assay: %s%s\n", alarm, ended)
	}
	if len(seen.Alarms) == 0 && !quiet {
		fmt.Fprintf(a.err, "assay: %d looks and no alarm: %s\n", len(seen.Steps), file)
	}
	return nil
}
