// pion-sender PORT: H.264 from standard input to every viewer that comes by POST /whep, with pion.
// Standard input: per picture a length (32 bits, big-endian) and the access unit in Annex B. Ends with it.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v3"
)

const (
	clockRate = 90000
	mtu       = 1200 // what pion takes for its own tracks
	largest   = 16 << 20
)

var h264 = webrtc.RTPCodecCapability{
	MimeType:    webrtc.MimeTypeH264,
	ClockRate:   clockRate,
	SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
}

// newAPI has H.264 alone, so that an answer holds nothing that is not sent, and pion's default interceptors: NACK, reports, transport feedback.
func newAPI() (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: h264, PayloadType: 102}, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(media, registry); err != nil {
		return nil, err
	}

	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() && ip.To4() != nil })
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled) // spares a multicast socket per viewer
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings)), nil
}

func answer(api *webrtc.API, track *webrtc.TrackLocalStaticRTP, offer string) (sdp string, err error) {
	connection, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = connection.Close()
		}
	}()
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed {
			_ = connection.Close() // takes the viewer from the track
		}
	})

	sender, err := connection.AddTrack(track)
	if err != nil {
		return "", err
	}
	go func() { // the interceptors see feedback only if somebody reads it
		buffer := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(buffer); err != nil {
				return
			}
		}
	}()

	if err = connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	description, err := connection.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	if err = connection.SetLocalDescription(description); err != nil {
		return "", err
	}
	<-gathered
	return connection.LocalDescription().SDP, nil
}

// send packetizes each picture once; the track writes each packet for all viewers with their own payload type and SSRC.
func send(track *webrtc.TrackLocalStaticRTP, input io.Reader) error {
	reader := bufio.NewReaderSize(input, 1<<20)
	packetizer := rtp.NewPacketizer(mtu, 0, 0, &codecs.H264Payloader{}, rtp.NewRandomSequencer(), clockRate)
	var picture []byte
	var length [4]byte
	last := time.Now()
	for {
		if _, err := io.ReadFull(reader, length[:]); err != nil {
			return err
		}
		size := binary.BigEndian.Uint32(length[:])
		if size > largest {
			return fmt.Errorf("a picture of %d bytes", size)
		}
		if uint32(cap(picture)) < size {
			picture = make([]byte, size)
		}
		picture = picture[:size] // the packetizer copies, so it can be used again
		if _, err := io.ReadFull(reader, picture); err != nil {
			return err
		}

		ticks := uint32(time.Since(last) * clockRate / time.Second)
		last = last.Add(time.Duration(ticks) * time.Second / clockRate) // the rest of a tick is not lost
		packetizer.SkipSamples(ticks)
		for _, packet := range packetizer.Packetize(picture, 0) {
			_ = track.WriteRTP(packet) // fails for a viewer that is about to leave, and still goes to all others
		}
	}
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("pion-sender PORT")
	}
	api, err := newAPI()
	if err != nil {
		log.Fatal(err)
	}
	track, err := webrtc.NewTrackLocalStaticRTP(h264, "video", "camera")
	if err != nil {
		log.Fatal(err)
	}

	http.HandleFunc("/whep", func(response http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodPost {
			http.Error(response, "", http.StatusMethodNotAllowed)
			return
		}
		offer, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		sdp, err := answer(api, track, string(offer))
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		response.Header().Set("Content-Type", "application/sdp")
		response.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(response, sdp)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, nil)) }()
	fmt.Println("ready", os.Getpid())
	if err := send(track, os.Stdin); err != io.EOF {
		log.Fatal(err)
	}
}
