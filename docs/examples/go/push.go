// Pushes one message to a user through each door named: go run . UID DOOR...
package main

//go:generate go build -o . google.golang.org/protobuf/cmd/protoc-gen-go
//go:generate go build -o . google.golang.org/grpc/cmd/protoc-gen-go-grpc
//go:generate protoc --plugin=./protoc-gen-go -I ../../../src/wire/proto --go_out=. --go_opt=Myunque.proto=./yunquepb yunque.proto
//go:generate protoc --plugin=./protoc-gen-go --plugin=./protoc-gen-go-grpc -I ../../../src/wire/proto --go_out=. --go-grpc_out=. push.proto

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yunquev1 "yunque-push/yunque/v1"
	"yunque-push/yunquepb"
)

var topic = setting("TOPIC", "chat")

func message(uid, door string) *yunquepb.MessageProto {
	// Values are text: what is nested goes in as JSON.
	order, _ := json.Marshal(map[string]any{"items": []string{"tea", "杯子"}, "total": 12.5})
	return &yunquepb.MessageProto{
		Id:       9007199254740993,
		Action:   "order",
		Sender:   "shop",
		Receiver: uid,
		Title:    "go through " + door,
		Content:  map[string]string{"order": string(order)},
		SendTime: time.Now().UnixMilli(),
	}
}

func record(uid, door string) []byte {
	body, err := proto.Marshal(&yunquepb.MessagesPubProto{
		Uid: uid,
		Act: yunquepb.SendActProto_SENDUIDS.Enum(),
		Msg: []*yunquepb.MessageProto{message(uid, door)},
	})
	if err != nil {
		log.Fatal(err)
	}
	return body
}

func connectRedis() (*redis.Client, error) {
	options, err := redis.ParseURL(setting("REDIS_URL", "redis://127.0.0.1:6379"))
	if err != nil {
		return nil, err
	}
	return redis.NewClient(options), nil
}

func pushToChannel(ctx context.Context, uid string) error {
	client, err := connectRedis()
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Publish(ctx, topic, record(uid, "channel")).Err()
}

func pushToStream(ctx context.Context, uid string) error {
	client, err := connectRedis()
	if err != nil {
		return err
	}
	defer client.Close()
	entry := &redis.XAddArgs{Stream: topic, Values: []any{"data", record(uid, "stream")}}
	return client.XAdd(ctx, entry).Err()
}

func pushToKafka(ctx context.Context, uid string) error {
	brokers := strings.Split(setting("KAFKA_BROKERS", "127.0.0.1:9092"), ",")
	// The key keeps what one user gets in order.
	writer := &kafka.Writer{Addr: kafka.TCP(brokers...), Topic: topic, Balancer: &kafka.Hash{}, BatchTimeout: 10 * time.Millisecond}
	defer writer.Close()
	return writer.WriteMessages(ctx, kafka.Message{Key: []byte(uid), Value: record(uid, "kafka")})
}

func pushToRabbitMQ(ctx context.Context, uid string) error {
	connection, err := amqp.Dial(setting("AMQP_URL", "amqp://127.0.0.1:5672"))
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if err := channel.Confirm(false); err != nil {
		return err
	}
	if _, err := channel.QueueDeclare(topic, true, false, false, false, nil); err != nil {
		return err
	}
	// By its id a message that comes again is recognised.
	confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, "", topic, true, false, amqp.Publishing{
		MessageId:    uuid.NewString(),
		DeliveryMode: amqp.Persistent,
		Body:         record(uid, "rabbitmq"),
	})
	if err != nil {
		return err
	}
	if taken, err := confirmation.WaitContext(ctx); err != nil || !taken {
		return fmt.Errorf("not taken: %v", err)
	}
	return nil
}

func pushByHTTP(ctx context.Context, uid string) error {
	body, err := protojson.Marshal(message(uid, "http"))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, "POST", setting("HTTP_URL", "http://127.0.0.1:666")+"/send", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", uuid.NewString())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

func pushByGRPC(ctx context.Context, uid string) error {
	connection, err := grpc.NewClient(setting("GRPC_TARGET", "127.0.0.1:9090"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx = metadata.AppendToOutgoingContext(ctx, "idempotency-key", uuid.NewString())
	one := message(uid, "grpc")
	receipt, err := yunquev1.NewPushClient(connection).Send(ctx, &yunquev1.SendRequest{
		Target: &yunquev1.Target{To: &yunquev1.Target_Users{Users: &yunquev1.Users{Uids: []string{uid}}}},
		Message: &yunquev1.SendRequest_Proto{Proto: &yunquev1.MessageProto{
			Id: one.Id, Action: one.Action, Sender: one.Sender, Receiver: one.Receiver,
			Title: one.Title, Content: one.Content, SendTime: one.SendTime,
		}},
	})
	if err != nil {
		return err
	}
	fmt.Printf("grpc: delivered to %d connections\n", receipt.Delivered)
	return nil
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	doors := map[string]func(context.Context, string) error{
		"channel":  pushToChannel,
		"stream":   pushToStream,
		"kafka":    pushToKafka,
		"rabbitmq": pushToRabbitMQ,
		"http":     pushByHTTP,
		"grpc":     pushByGRPC,
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, name := range os.Args[2:] {
		if err := doors[name](ctx, os.Args[1]); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}
