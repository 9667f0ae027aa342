import com.google.protobuf.util.JsonFormat;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.params.XAddParams;
import yunque.Yunque.MessageProto;
import yunque.Yunque.MessagesPubProto;
import yunque.Yunque.SendActProto;

/** Pushes one message to a user through each door named: mvn compile exec:java -Dexec.args="UID DOOR..." */
public class Push {
    static final String TOPIC = setting("TOPIC", "chat");

    static MessageProto message(String uid, String door) {
        return MessageProto.newBuilder()
                .setId(9007199254740993L)
                .setAction("order")
                .setSender("shop")
                .setReceiver(uid)
                .setTitle("java through " + door)
                // Values are text: what is nested goes in as JSON.
                .putContent("order", "{\"items\":[\"tea\",\"杯子\"],\"total\":12.5}")
                .setSendTime(System.currentTimeMillis())
                .build();
    }

    static byte[] record(String uid, String door) {
        return MessagesPubProto.newBuilder()
                .setUid(uid)
                .setAct(SendActProto.SENDUIDS)
                .addMsg(message(uid, door))
                .build()
                .toByteArray();
    }

    static void channel(String uid) {
        try (var redis = new JedisPooled(setting("REDIS_URL", "redis://127.0.0.1:6379"))) {
            redis.publish(bytes(TOPIC), record(uid, "channel"));
        }
    }

    static void stream(String uid) {
        try (var redis = new JedisPooled(setting("REDIS_URL", "redis://127.0.0.1:6379"))) {
            redis.xadd(bytes(TOPIC), XAddParams.xAddParams(), Map.of(bytes("data"), record(uid, "stream")));
        }
    }

    static void kafka(String uid) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", setting("KAFKA_BROKERS", "127.0.0.1:9092"));
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            // The key keeps what one user gets in order.
            producer.send(new ProducerRecord<>(TOPIC, uid, record(uid, "kafka"))).get();
        }
    }

    static void rabbitmq(String uid) throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(setting("AMQP_URL", "amqp://127.0.0.1:5672"));
        try (var connection = factory.newConnection(); var channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.queueDeclare(TOPIC, true, false, false, null);
            // By its id a message that comes again is recognised.
            var properties = new AMQP.BasicProperties.Builder()
                    .messageId(UUID.randomUUID().toString())
                    .deliveryMode(2)
                    .build();
            channel.basicPublish("", TOPIC, properties, record(uid, "rabbitmq"));
            channel.waitForConfirmsOrDie(10_000);
        }
    }

    static void http(String uid) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(setting("HTTP_URL", "http://127.0.0.1:666") + "/send"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofString(JsonFormat.printer().print(message(uid, "http"))))
                .build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IllegalStateException(answer.body());
    }

    public static void main(String[] args) throws Exception {
        for (int at = 1; at < args.length; at++) {
            switch (args[at]) {
                case "channel" -> channel(args[0]);
                case "stream" -> stream(args[0]);
                case "kafka" -> kafka(args[0]);
                case "rabbitmq" -> rabbitmq(args[0]);
                case "http" -> http(args[0]);
                default -> throw new IllegalArgumentException(args[at]);
            }
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
