package featurizer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Download is one file to fetch, with what is known of it beforehand.
type Download struct {
	URL    string
	SHA256 string // the digest or its beginning, at least 8 digits
	Bytes  int64  // the most that is accepted
}

// InceptionDownload is the public home of the FID network's weights, 95.6 MB. Nothing is fetched unless the user asks.
func InceptionDownload() Download {
	return Download{
		URL:    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/" + PublicInception,
		SHA256: "6726825d", Bytes: 200 << 20,
	}
}

// ErrFetch is wrapped by every error of a download.
var ErrFetch = errors.New("download failed")

// To fetches the file into a folder, under the URL's last part, and returns its path. A file that is there already with the right digest is kept.
// What an interrupted download left (.part) is continued. The file appears under its name only when its digest is right. HTTP_PROXY,
// HTTPS_PROXY and NO_PROXY are obeyed. progress is told the bytes had and the bytes in all (-1 if unknown) and may be nil.
func (d Download) To(ctx context.Context, dir string, progress func(done, total int64)) (string, error) {
	name := d.URL[strings.LastIndex(d.URL, "/")+1:]
	if name == "" || len(d.SHA256) < 8 {
		return "", fault.Of(ErrFetch, "fetch %s: a file name and at least 8 digits of its sha256 are needed", d.URL)
	}
	path := filepath.Join(dir, name)
	if sum, err := fileSHA256(path); err == nil && strings.HasPrefix(sum, d.SHA256) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("fetch %s: %w", name, err)
	}
	part := path + ".part"
	if err := d.get(ctx, part, progress); err != nil {
		return "", fmt.Errorf("fetch %s: %w", d.URL, err)
	}
	sum, err := fileSHA256(part)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", name, err)
	}
	if !strings.HasPrefix(sum, d.SHA256) {
		if err := os.Remove(part); err != nil { // continuing a wrong file would never end well
			return "", fmt.Errorf("fetch %s: the sha256 is %s, want %s...: not the published file, remove it by hand: %w: %w", d.URL, sum, d.SHA256, ErrFetch, err)
		}
		return "", fault.Of(ErrFetch, "fetch %s: the sha256 is %s, want %s...: not the published file, removed", d.URL, sum, d.SHA256)
	}
	if err := os.Rename(part, path); err != nil {
		return "", fmt.Errorf("fetch %s: %w", name, err)
	}
	return path, nil
}

// get appends to part what it lacks.
func (d Download) get(ctx context.Context, part string, progress func(done, total int64)) error {
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFetch, err)
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w (behind a proxy? set HTTPS_PROXY; without a network, copy the file here by hand): %w", ErrFetch, err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK: // from the start, whatever was asked
		if err = f.Truncate(0); err != nil {
			return err
		}
		if have, err = f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	case http.StatusPartialContent:
	case http.StatusRequestedRangeNotSatisfiable: // nothing is missing: the digest will tell
		return nil
	default:
		return fault.Of(ErrFetch, "the server says %s", resp.Status)
	}
	return d.receive(f, resp, have, progress)
}

// receive copies the body behind what is there, within the limit, and makes sure that none of it is missing.
func (d Download) receive(f *os.File, resp *http.Response, have int64, progress func(done, total int64)) error {
	total := int64(-1)
	if resp.ContentLength >= 0 {
		total = have + resp.ContentLength
	}
	if total > d.Bytes {
		return fault.Of(ErrFetch, "%d bytes, at most %d are accepted", total, d.Bytes)
	}
	buf := make([]byte, 1<<16)
	for {
		n, err := resp.Body.Read(buf)
		if _, werr := f.Write(buf[:n]); werr != nil {
			return werr
		}
		if have += int64(n); have > d.Bytes {
			return fault.Of(ErrFetch, "more than %d bytes", d.Bytes)
		}
		if progress != nil {
			progress(have, total)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("interrupted after %d of %d bytes, run it again to continue: %w: %w", have, total, ErrFetch, err)
		}
	}
	return f.Sync()
}

func fileSHA256(path string) (string, error) {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ErrNoCache is wrapped by the error of a cache that is switched off by ASSAY_CACHE=off.
var ErrNoCache = errors.New("nothing is kept")

// CachePath is where fetched and trained weights are kept: Env.CacheDir, else ASSAY_CACHE, else the user's cache folder. It errors with ErrNoCache where ASSAY_CACHE is
// off (a folder of that name is ./off), and where the user has no cache folder.
func (e Env) CachePath() (string, error) {
	if e.CacheDir != "" {
		return e.CacheDir, nil
	}
	if dir := os.Getenv("ASSAY_CACHE"); dir == "off" {
		return "", fault.Of(ErrNoCache, "ASSAY_CACHE=off: nothing is kept")
	} else if dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: set ASSAY_CACHE: %w", err)
	}
	return filepath.Join(dir, "assay"), nil
}
