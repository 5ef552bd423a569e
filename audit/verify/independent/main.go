// Checks a log with golang.org/x/mod/sumdb, which shares no code with this house: the signature of the checkpoint, the
// root over all entries, every tile, and inclusion and consistency proofs made from the tiles. Of a pruned log, what is
// left: the root, every tile that is needed, and proofs of the entries from the minimum index on.
//
// Usage: independent FOLDER VKEY [EARLIER CHECKPOINT]… — prints the size of the log; any difference ends with status 1.
// The earlier checkpoints are proven consistent with each other, in their order, and with the log.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func die(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func number(n int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	return path
}

func read(folder, kind string, n int64, width int) []byte {
	path := filepath.Join(folder, "tile", kind, number(n))
	if width != 256 {
		path += ".p/" + strconv.Itoa(width)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		die("%v", err)
	}
	return data
}

// A partial tile may be gone once the full one is there.
func readHashes(folder string, tile tlog.Tile) []byte {
	kind, path := strconv.Itoa(tile.L), filepath.Join(folder, "tile", strconv.Itoa(tile.L), number(tile.N))
	if full, err := os.ReadFile(path); err == nil && tile.W != 256 {
		return full[:tile.W*32]
	}
	return read(folder, kind, tile.N, tile.W)
}

type checkpoint struct {
	size int64
	root tlog.Hash
}

func open(path string, verifier note.Verifier) []string {
	signed, err := os.ReadFile(path)
	if err != nil {
		die("%v", err)
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		die("note %s: %v", path, err)
	}
	return strings.Split(opened.Text, "\n")
}

func openCheckpoint(path string, verifier note.Verifier) checkpoint {
	lines := open(path, verifier)
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		die("size: %v", err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		die("root: %v", err)
	}
	out := checkpoint{size: size}
	copy(out.root[:], root)
	return out
}

// Entries below it are pruned; 0 without a statement of the log.
func minimumIndex(folder string, verifier note.Verifier) int64 {
	path := filepath.Join(folder, "minimum-index")
	if _, err := os.Stat(path); err != nil {
		return 0
	}
	lines := open(path, verifier)
	minimum, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "minimum "), 10, 64)
	if err != nil || lines[0] != "feierabend minimum index v1" {
		die("minimum index: %v", lines)
	}
	return minimum
}

func entriesOf(folder string, n, size int64) [][]byte {
	width := int(min64(256, size-n*256))
	bundle := read(folder, "entries", n, width)
	var entries [][]byte
	for i := 0; i < width; i++ {
		length := int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:2+length])
		bundle = bundle[2+length:]
	}
	if len(bundle) != 0 {
		die("bundle %d: %d bytes too many", n, len(bundle))
	}
	return entries
}

func checkConsistent(folder string, old, now checkpoint) {
	reader := tlog.TileHashReader(tlog.Tree{N: now.size, Hash: now.root}, tiles{folder})
	proof, err := tlog.ProveTree(now.size, old.size, reader)
	if err != nil {
		die("prove tree %d in %d: %v", old.size, now.size, err)
	}
	if err := tlog.CheckTree(proof, now.size, now.root, old.size, old.root); err != nil {
		die("check tree %d in %d: %v", old.size, now.size, err)
	}
}

type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		out = append(out, readHashes(t.folder, tile))
	}
	return out, nil
}
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		die("key: %v", err)
	}
	now := openCheckpoint(filepath.Join(folder, "checkpoint"), verifier)
	minimum := minimumIndex(folder, verifier)
	if minimum == 0 {
		checkTree(folder, now)
	}

	// Proofs made from the log's tiles, checked by this implementation; of a large log some of them.
	step := now.size/1000 + 1
	reader := tlog.TileHashReader(tlog.Tree{N: now.size, Hash: now.root}, tiles{folder})
	for i := minimum; i < now.size; i += step {
		proof, err := tlog.ProveRecord(now.size, i, reader)
		if err != nil {
			die("prove %d: %v", i, err)
		}
		entry := entriesOf(folder, i/256, now.size)[i%256]
		if err := tlog.CheckRecord(proof, now.size, now.root, i, tlog.RecordHash(entry)); err != nil {
			die("check %d: %v", i, err)
		}
	}
	var before *checkpoint
	for _, path := range os.Args[3:] {
		earlier := openCheckpoint(path, verifier)
		if before != nil {
			checkConsistent(folder, *before, earlier)
		}
		checkConsistent(folder, earlier, now)
		before = &earlier
	}
	fmt.Println(now.size)
}

func checkTree(folder string, now checkpoint) {
	size, root := now.size, now.root
	// Own tree over the entries.
	var stored []tlog.Hash
	storedReader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n := int64(0); n*256 < size; n++ {
		for i, entry := range entriesOf(folder, n, size) {
			hashes, err := tlog.StoredHashes(n*256+int64(i), entry, storedReader)
			if err != nil {
				die("stored: %v", err)
			}
			stored = append(stored, hashes...)
		}
	}
	computed, err := tlog.TreeHash(size, storedReader)
	if err != nil || computed != root {
		die("root: computed %v, signed %v, %v", computed, root, err)
	}

	// Every tile is what this implementation would have written.
	for _, tile := range tlog.NewTiles(8, 0, size) {
		if tile.W != 256 && tile.W != int((size>>(8*uint(tile.L)))%256) {
			continue
		}
		want, err := tlog.ReadTileData(tile, storedReader)
		if err != nil {
			die("tile: %v", err)
		}
		if !bytes.Equal(want, read(folder, strconv.Itoa(tile.L), tile.N, tile.W)) {
			die("tile %v differs", tile)
		}
	}

	// Consistency with every size before, or of a large log with some of them.
	for old := int64(1); old <= size; old += size/1000 + 1 {
		oldRoot, err := tlog.TreeHash(old, storedReader)
		if err != nil {
			die("old root: %v", err)
		}
		checkConsistent(folder, checkpoint{old, oldRoot}, now)
	}
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
