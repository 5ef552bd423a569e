// Checks a log with golang.org/x/mod/sumdb, which shares no code with this house: the signature of the checkpoint, the
// root over all entries, every tile, and inclusion and consistency proofs made from the tiles.
//
// Usage: independent FOLDER VKEY — prints the size of the log; any difference ends with status 1.
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

type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		out = append(out, read(t.folder, strconv.Itoa(tile.L), tile.N, tile.W))
	}
	return out, nil
}
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		die("%v", err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		die("key: %v", err)
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		die("note: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		die("size: %v", err)
	}
	rootBytes, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		die("root: %v", err)
	}
	var root tlog.Hash
	copy(root[:], rootBytes)

	// Own tree over the entries.
	var stored []tlog.Hash
	var entries [][]byte
	storedReader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n := int64(0); n*256 < size; n++ {
		width := int(min64(256, size-n*256))
		bundle := read(folder, "entries", n, width)
		for i := 0; i < width; i++ {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			hashes, err := tlog.StoredHashes(n*256+int64(i), entry, storedReader)
			if err != nil {
				die("stored: %v", err)
			}
			stored = append(stored, hashes...)
			entries = append(entries, entry)
		}
		if len(bundle) != 0 {
			die("bundle %d: %d bytes too many", n, len(bundle))
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

	// Proofs made from the log's tiles, checked by this implementation.
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{folder})
	for i := int64(0); i < size; i++ {
		proof, err := tlog.ProveRecord(size, i, reader)
		if err != nil {
			die("prove %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, size, root, i, tlog.RecordHash(entries[i])); err != nil {
			die("check %d: %v", i, err)
		}
	}
	for old := int64(1); old <= size; old++ {
		oldRoot, err := tlog.TreeHash(old, storedReader)
		if err != nil {
			die("old root: %v", err)
		}
		proof, err := tlog.ProveTree(size, old, reader)
		if err != nil {
			die("prove tree %d: %v", old, err)
		}
		if err := tlog.CheckTree(proof, size, root, old, oldRoot); err != nil {
			die("check tree %d: %v", old, err)
		}
	}
	fmt.Println(size)
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
