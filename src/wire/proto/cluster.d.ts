// Generated from the .proto files beside it by `npm run generate`. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace cluster. */
export namespace cluster {

    /**
     * Properties of a Batch.
     * @deprecated Use cluster.Batch.$Properties instead.
     */
    interface IBatch extends cluster.Batch.$Properties {
    }

    /** Represents a Batch. */
    class Batch {

        /**
         * Constructs a new Batch.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Batch.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Batch items. */
        items: Uint8Array[];

        /**
         * Encodes the specified Batch message. Does not implicitly {@link cluster.Batch.verify|verify} messages.
         * @param message Batch message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Batch message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Batch & cluster.Batch.$Shape} Batch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Batch & cluster.Batch.$Shape;
    }

    namespace Batch {

        /** Properties of a Batch. */
        interface $Properties {

            /** Batch items */
            items?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Batch. */
        type $Shape = cluster.Batch.$Properties;
    }

    /**
     * Properties of a Pair.
     * @deprecated Use cluster.Pair.$Properties instead.
     */
    interface IPair extends cluster.Pair.$Properties {
    }

    /** Represents a Pair. */
    class Pair {

        /**
         * Constructs a new Pair.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Pair.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Pair key. */
        key: string;

        /** Pair value. */
        value: string;

        /**
         * Encodes the specified Pair message. Does not implicitly {@link cluster.Pair.verify|verify} messages.
         * @param message Pair message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Pair.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Pair message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Pair & cluster.Pair.$Shape} Pair
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Pair & cluster.Pair.$Shape;
    }

    namespace Pair {

        /** Properties of a Pair. */
        interface $Properties {

            /** Pair key */
            key?: (string|null);

            /** Pair value */
            value?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Pair. */
        type $Shape = cluster.Pair.$Properties;
    }

    /**
     * Properties of a Message.
     * @deprecated Use cluster.Message.$Properties instead.
     */
    interface IMessage extends cluster.Message.$Properties {
    }

    /** Represents a Message. */
    class Message {

        /**
         * Constructs a new Message.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Message.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Message messageId. */
        messageId: string;

        /** Message push. */
        push?: (cluster.PushMessage.$Properties|null);

        /** Message proto. */
        proto?: (cluster.ProtoMessage.$Properties|null);

        /** Message cim. */
        cim?: (cluster.CimMessage.$Properties|null);

        /** Message notice. */
        notice?: (cluster.NoticeMessage.$Properties|null);

        /** Message replaced. */
        replaced?: (cluster.ReplacedMessage.$Properties|null);

        /** Message encoded. */
        encoded?: (cluster.EncodedMessage.$Properties|null);

        /** Message kind. */
        kind?: ("push"|"proto"|"cim"|"notice"|"replaced"|"encoded");

        /**
         * Encodes the specified Message message. Does not implicitly {@link cluster.Message.verify|verify} messages.
         * @param message Message message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Message.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Message message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Message & cluster.Message.$Shape} Message
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Message & cluster.Message.$Shape;
    }

    namespace Message {

        /** Properties of a Message. */
        interface $Properties {

            /** Message messageId */
            messageId?: (string|null);

            /** Message push */
            push?: (cluster.PushMessage.$Properties|null);

            /** Message proto */
            proto?: (cluster.ProtoMessage.$Properties|null);

            /** Message cim */
            cim?: (cluster.CimMessage.$Properties|null);

            /** Message notice */
            notice?: (cluster.NoticeMessage.$Properties|null);

            /** Message replaced */
            replaced?: (cluster.ReplacedMessage.$Properties|null);

            /** Message encoded */
            encoded?: (cluster.EncodedMessage.$Properties|null);

            /** Message kind */
            kind?: ("push"|"proto"|"cim"|"notice"|"replaced"|"encoded");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a Message. */
        type $Shape = {
          messageId?: string|null;
          push?: cluster.PushMessage.$Shape|null;
          proto?: cluster.ProtoMessage.$Shape|null;
          cim?: cluster.CimMessage.$Shape|null;
          notice?: cluster.NoticeMessage.$Shape|null;
          replaced?: cluster.ReplacedMessage.$Shape|null;
          encoded?: cluster.EncodedMessage.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ kind?: undefined; push?: null; proto?: null; cim?: null; notice?: null; replaced?: null; encoded?: null }|{ kind?: "push"; push: cluster.PushMessage.$Shape; proto?: null; cim?: null; notice?: null; replaced?: null; encoded?: null }|{ kind?: "proto"; push?: null; proto: cluster.ProtoMessage.$Shape; cim?: null; notice?: null; replaced?: null; encoded?: null }|{ kind?: "cim"; push?: null; proto?: null; cim: cluster.CimMessage.$Shape; notice?: null; replaced?: null; encoded?: null }|{ kind?: "notice"; push?: null; proto?: null; cim?: null; notice: cluster.NoticeMessage.$Shape; replaced?: null; encoded?: null }|{ kind?: "replaced"; push?: null; proto?: null; cim?: null; notice?: null; replaced: cluster.ReplacedMessage.$Shape; encoded?: null }|{ kind?: "encoded"; push?: null; proto?: null; cim?: null; notice?: null; replaced?: null; encoded: cluster.EncodedMessage.$Shape })
        );
    }

    /**
     * Properties of an EncodedMessage.
     * @deprecated Use cluster.EncodedMessage.$Properties instead.
     */
    interface IEncodedMessage extends cluster.EncodedMessage.$Properties {
    }

    /** Represents an EncodedMessage. */
    class EncodedMessage {

        /**
         * Constructs a new EncodedMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.EncodedMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EncodedMessage dialect. */
        dialect: cluster.Dialect;

        /** EncodedMessage payload. */
        payload: Uint8Array;

        /**
         * Encodes the specified EncodedMessage message. Does not implicitly {@link cluster.EncodedMessage.verify|verify} messages.
         * @param message EncodedMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.EncodedMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EncodedMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.EncodedMessage & cluster.EncodedMessage.$Shape} EncodedMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.EncodedMessage & cluster.EncodedMessage.$Shape;
    }

    namespace EncodedMessage {

        /** Properties of an EncodedMessage. */
        interface $Properties {

            /** EncodedMessage dialect */
            dialect?: (cluster.Dialect|null);

            /** EncodedMessage payload */
            payload?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EncodedMessage. */
        type $Shape = cluster.EncodedMessage.$Properties;
    }

    /** Dialect enum. */
    enum Dialect {

        /** NONE value */
        NONE = 0,

        /** JSON value */
        JSON = 1,

        /** YUNQUE value */
        YUNQUE = 2,

        /** CIM value */
        CIM = 3
    }

    /**
     * Properties of a PushMessage.
     * @deprecated Use cluster.PushMessage.$Properties instead.
     */
    interface IPushMessage extends cluster.PushMessage.$Properties {
    }

    /** Represents a PushMessage. */
    class PushMessage {

        /**
         * Constructs a new PushMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.PushMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** PushMessage sendUserId. */
        sendUserId: string;

        /** PushMessage code. */
        code: number;

        /** PushMessage msg. */
        msg: string;

        /** PushMessage data. */
        data: string;

        /**
         * Encodes the specified PushMessage message. Does not implicitly {@link cluster.PushMessage.verify|verify} messages.
         * @param message PushMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.PushMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a PushMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.PushMessage & cluster.PushMessage.$Shape} PushMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.PushMessage & cluster.PushMessage.$Shape;
    }

    namespace PushMessage {

        /** Properties of a PushMessage. */
        interface $Properties {

            /** PushMessage sendUserId */
            sendUserId?: (string|null);

            /** PushMessage code */
            code?: (number|null);

            /** PushMessage msg */
            msg?: (string|null);

            /** PushMessage data */
            data?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a PushMessage. */
        type $Shape = cluster.PushMessage.$Properties;
    }

    /**
     * Properties of a ProtoMessage.
     * @deprecated Use cluster.ProtoMessage.$Properties instead.
     */
    interface IProtoMessage extends cluster.ProtoMessage.$Properties {
    }

    /** Represents a ProtoMessage. */
    class ProtoMessage {

        /**
         * Constructs a new ProtoMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.ProtoMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ProtoMessage id. */
        id: Long;

        /** ProtoMessage action. */
        action: string;

        /** ProtoMessage content. */
        content: cluster.Pair.$Properties[];

        /** ProtoMessage sender. */
        sender: string;

        /** ProtoMessage receiver. */
        receiver: string;

        /** ProtoMessage extra. */
        extra: cluster.Pair.$Properties[];

        /** ProtoMessage title. */
        title: string;

        /** ProtoMessage sendTime. */
        sendTime: Long;

        /** ProtoMessage image. */
        image: string;

        /**
         * Encodes the specified ProtoMessage message. Does not implicitly {@link cluster.ProtoMessage.verify|verify} messages.
         * @param message ProtoMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.ProtoMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ProtoMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.ProtoMessage & cluster.ProtoMessage.$Shape} ProtoMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.ProtoMessage & cluster.ProtoMessage.$Shape;
    }

    namespace ProtoMessage {

        /** Properties of a ProtoMessage. */
        interface $Properties {

            /** ProtoMessage id */
            id?: (Long|null);

            /** ProtoMessage action */
            action?: (string|null);

            /** ProtoMessage content */
            content?: (cluster.Pair.$Properties[]|null);

            /** ProtoMessage sender */
            sender?: (string|null);

            /** ProtoMessage receiver */
            receiver?: (string|null);

            /** ProtoMessage extra */
            extra?: (cluster.Pair.$Properties[]|null);

            /** ProtoMessage title */
            title?: (string|null);

            /** ProtoMessage sendTime */
            sendTime?: (Long|null);

            /** ProtoMessage image */
            image?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ProtoMessage. */
        type $Shape = cluster.ProtoMessage.$Properties;
    }

    /**
     * Properties of a CimMessage.
     * @deprecated Use cluster.CimMessage.$Properties instead.
     */
    interface ICimMessage extends cluster.CimMessage.$Properties {
    }

    /** Represents a CimMessage. */
    class CimMessage {

        /**
         * Constructs a new CimMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.CimMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CimMessage id. */
        id: Long;

        /** CimMessage action. */
        action: string;

        /** CimMessage content. */
        content: string;

        /** CimMessage sender. */
        sender: string;

        /** CimMessage receiver. */
        receiver: string;

        /** CimMessage extra. */
        extra: string;

        /** CimMessage title. */
        title: string;

        /** CimMessage format. */
        format: string;

        /** CimMessage timestamp. */
        timestamp: Long;

        /**
         * Encodes the specified CimMessage message. Does not implicitly {@link cluster.CimMessage.verify|verify} messages.
         * @param message CimMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.CimMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CimMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.CimMessage & cluster.CimMessage.$Shape} CimMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.CimMessage & cluster.CimMessage.$Shape;
    }

    namespace CimMessage {

        /** Properties of a CimMessage. */
        interface $Properties {

            /** CimMessage id */
            id?: (Long|null);

            /** CimMessage action */
            action?: (string|null);

            /** CimMessage content */
            content?: (string|null);

            /** CimMessage sender */
            sender?: (string|null);

            /** CimMessage receiver */
            receiver?: (string|null);

            /** CimMessage extra */
            extra?: (string|null);

            /** CimMessage title */
            title?: (string|null);

            /** CimMessage format */
            format?: (string|null);

            /** CimMessage timestamp */
            timestamp?: (Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a CimMessage. */
        type $Shape = cluster.CimMessage.$Properties;
    }

    /**
     * Properties of a NoticeMessage.
     * @deprecated Use cluster.NoticeMessage.$Properties instead.
     */
    interface INoticeMessage extends cluster.NoticeMessage.$Properties {
    }

    /** Represents a NoticeMessage. */
    class NoticeMessage {

        /**
         * Constructs a new NoticeMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.NoticeMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** NoticeMessage code. */
        code: number;

        /** NoticeMessage clientId. */
        clientId: string;

        /** NoticeMessage userId. */
        userId: string;

        /** NoticeMessage extend. */
        extend: string;

        /**
         * Encodes the specified NoticeMessage message. Does not implicitly {@link cluster.NoticeMessage.verify|verify} messages.
         * @param message NoticeMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.NoticeMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a NoticeMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.NoticeMessage & cluster.NoticeMessage.$Shape} NoticeMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.NoticeMessage & cluster.NoticeMessage.$Shape;
    }

    namespace NoticeMessage {

        /** Properties of a NoticeMessage. */
        interface $Properties {

            /** NoticeMessage code */
            code?: (number|null);

            /** NoticeMessage clientId */
            clientId?: (string|null);

            /** NoticeMessage userId */
            userId?: (string|null);

            /** NoticeMessage extend */
            extend?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a NoticeMessage. */
        type $Shape = cluster.NoticeMessage.$Properties;
    }

    /**
     * Properties of a ReplacedMessage.
     * @deprecated Use cluster.ReplacedMessage.$Properties instead.
     */
    interface IReplacedMessage extends cluster.ReplacedMessage.$Properties {
    }

    /** Represents a ReplacedMessage. */
    class ReplacedMessage {

        /**
         * Constructs a new ReplacedMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.ReplacedMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ReplacedMessage uid. */
        uid: string;

        /** ReplacedMessage deviceName. */
        deviceName: string;

        /**
         * Encodes the specified ReplacedMessage message. Does not implicitly {@link cluster.ReplacedMessage.verify|verify} messages.
         * @param message ReplacedMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.ReplacedMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReplacedMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.ReplacedMessage & cluster.ReplacedMessage.$Shape} ReplacedMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.ReplacedMessage & cluster.ReplacedMessage.$Shape;
    }

    namespace ReplacedMessage {

        /** Properties of a ReplacedMessage. */
        interface $Properties {

            /** ReplacedMessage uid */
            uid?: (string|null);

            /** ReplacedMessage deviceName */
            deviceName?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReplacedMessage. */
        type $Shape = cluster.ReplacedMessage.$Properties;
    }

    /**
     * Properties of a Target.
     * @deprecated Use cluster.Target.$Properties instead.
     */
    interface ITarget extends cluster.Target.$Properties {
    }

    /** Represents a Target. */
    class Target {

        /**
         * Constructs a new Target.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Target.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Target to. */
        to: cluster.To;

        /** Target ids. */
        ids: string[];

        /** Target uids. */
        uids: string[];

        /** Target deviceId. */
        deviceId: string;

        /** Target groups. */
        groups: string[];

        /**
         * Encodes the specified Target message. Does not implicitly {@link cluster.Target.verify|verify} messages.
         * @param message Target message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Target.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Target message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Target & cluster.Target.$Shape} Target
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Target & cluster.Target.$Shape;
    }

    namespace Target {

        /** Properties of a Target. */
        interface $Properties {

            /** Target to */
            to?: (cluster.To|null);

            /** Target ids */
            ids?: (string[]|null);

            /** Target uids */
            uids?: (string[]|null);

            /** Target deviceId */
            deviceId?: (string|null);

            /** Target groups */
            groups?: (string[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Target. */
        type $Shape = cluster.Target.$Properties;
    }

    /** To enum. */
    enum To {

        /** NOBODY value */
        NOBODY = 0,

        /** CONNECTIONS value */
        CONNECTIONS = 1,

        /** USERS value */
        USERS = 2,

        /** USER_CONNECTIONS value */
        USER_CONNECTIONS = 3,

        /** DEVICE value */
        DEVICE = 4,

        /** GROUPS value */
        GROUPS = 5,

        /** SYSTEM value */
        SYSTEM = 6
    }

    /**
     * Properties of a Broadcast.
     * @deprecated Use cluster.Broadcast.$Properties instead.
     */
    interface IBroadcast extends cluster.Broadcast.$Properties {
    }

    /** Represents a Broadcast. */
    class Broadcast {

        /**
         * Constructs a new Broadcast.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Broadcast.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Broadcast origin. */
        origin: string;

        /** Broadcast incarnation. */
        incarnation: number;

        /** Broadcast number. */
        number: number;

        /** Broadcast pushes. */
        pushes: Uint8Array[];

        /**
         * Encodes the specified Broadcast message. Does not implicitly {@link cluster.Broadcast.verify|verify} messages.
         * @param message Broadcast message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Broadcast.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Broadcast message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Broadcast & cluster.Broadcast.$Shape} Broadcast
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Broadcast & cluster.Broadcast.$Shape;
    }

    namespace Broadcast {

        /** Properties of a Broadcast. */
        interface $Properties {

            /** Broadcast origin */
            origin?: (string|null);

            /** Broadcast incarnation */
            incarnation?: (number|null);

            /** Broadcast number */
            number?: (number|null);

            /** Broadcast pushes */
            pushes?: (Uint8Array[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Broadcast. */
        type $Shape = cluster.Broadcast.$Properties;
    }

    /**
     * Properties of a Push.
     * @deprecated Use cluster.Push.$Properties instead.
     */
    interface IPush extends cluster.Push.$Properties {
    }

    /** Represents a Push. */
    class Push {

        /**
         * Constructs a new Push.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Push.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Push system. */
        system: string;

        /** Push target. */
        target?: (cluster.Target.$Properties|null);

        /** Push message. */
        message?: (cluster.Message.$Properties|null);

        /** Push onlyNodes. */
        onlyNodes: boolean;

        /** Push nodes. */
        nodes: string[];

        /** Push excludeUids. */
        excludeUids: string[];

        /** Push excludeIds. */
        excludeIds: string[];

        /** Push className. */
        className: string;

        /** Push classKey. */
        classKey: string;

        /**
         * Encodes the specified Push message. Does not implicitly {@link cluster.Push.verify|verify} messages.
         * @param message Push message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Push.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Push message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Push & cluster.Push.$Shape} Push
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Push & cluster.Push.$Shape;
    }

    namespace Push {

        /** Properties of a Push. */
        interface $Properties {

            /** Push system */
            system?: (string|null);

            /** Push target */
            target?: (cluster.Target.$Properties|null);

            /** Push message */
            message?: (cluster.Message.$Properties|null);

            /** Push onlyNodes */
            onlyNodes?: (boolean|null);

            /** Push nodes */
            nodes?: (string[]|null);

            /** Push excludeUids */
            excludeUids?: (string[]|null);

            /** Push excludeIds */
            excludeIds?: (string[]|null);

            /** Push className */
            className?: (string|null);

            /** Push classKey */
            classKey?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Push. */
        type $Shape = {
          system?: string|null;
          target?: cluster.Target.$Shape|null;
          message?: cluster.Message.$Shape|null;
          onlyNodes?: boolean|null;
          nodes?: string[]|null;
          excludeUids?: string[]|null;
          excludeIds?: string[]|null;
          className?: string|null;
          classKey?: string|null;
          $unknowns?: Uint8Array[];
        };
    }

    /**
     * Properties of a Receipt.
     * @deprecated Use cluster.Receipt.$Properties instead.
     */
    interface IReceipt extends cluster.Receipt.$Properties {
    }

    /** Represents a Receipt. */
    class Receipt {

        /**
         * Constructs a new Receipt.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Receipt.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Receipt matched. */
        matched: number;

        /** Receipt delivered. */
        delivered: number;

        /** Receipt queued. */
        queued: number;

        /** Receipt dropped. */
        dropped: cluster.Count.$Properties[];

        /** Receipt offline. */
        offline: string[];

        /** Receipt unknown. */
        unknown: string[];

        /** Receipt error. */
        error: string;

        /** Receipt errorMessage. */
        errorMessage: string;

        /** Receipt broadcast. */
        broadcast: number;

        /** Receipt place. */
        place: number;

        /**
         * Encodes the specified Receipt message. Does not implicitly {@link cluster.Receipt.verify|verify} messages.
         * @param message Receipt message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Receipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Receipt message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Receipt & cluster.Receipt.$Shape} Receipt
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Receipt & cluster.Receipt.$Shape;
    }

    namespace Receipt {

        /** Properties of a Receipt. */
        interface $Properties {

            /** Receipt matched */
            matched?: (number|null);

            /** Receipt delivered */
            delivered?: (number|null);

            /** Receipt queued */
            queued?: (number|null);

            /** Receipt dropped */
            dropped?: (cluster.Count.$Properties[]|null);

            /** Receipt offline */
            offline?: (string[]|null);

            /** Receipt unknown */
            unknown?: (string[]|null);

            /** Receipt error */
            error?: (string|null);

            /** Receipt errorMessage */
            errorMessage?: (string|null);

            /** Receipt broadcast */
            broadcast?: (number|null);

            /** Receipt place */
            place?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Receipt. */
        type $Shape = cluster.Receipt.$Properties;
    }

    /**
     * Properties of a Count.
     * @deprecated Use cluster.Count.$Properties instead.
     */
    interface ICount extends cluster.Count.$Properties {
    }

    /** Represents a Count. */
    class Count {

        /**
         * Constructs a new Count.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Count.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Count name. */
        name: string;

        /** Count count. */
        count: number;

        /**
         * Encodes the specified Count message. Does not implicitly {@link cluster.Count.verify|verify} messages.
         * @param message Count message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Count.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Count message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Count & cluster.Count.$Shape} Count
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Count & cluster.Count.$Shape;
    }

    namespace Count {

        /** Properties of a Count. */
        interface $Properties {

            /** Count name */
            name?: (string|null);

            /** Count count */
            count?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Count. */
        type $Shape = cluster.Count.$Properties;
    }

    /**
     * Properties of a Route.
     * @deprecated Use cluster.Route.$Properties instead.
     */
    interface IRoute extends cluster.Route.$Properties {
    }

    /** Represents a Route. */
    class Route {

        /**
         * Constructs a new Route.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.Route.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Route out. */
        out: boolean;

        /** Route system. */
        system: string;

        /** Route uid. */
        uid: string;

        /** Route node. */
        node: string;

        /** Route cid. */
        cid: number;

        /** Route sequence. */
        sequence: number;

        /** Route group. */
        group: boolean;

        /**
         * Encodes the specified Route message. Does not implicitly {@link cluster.Route.verify|verify} messages.
         * @param message Route message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.Route.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Route message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.Route & cluster.Route.$Shape} Route
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.Route & cluster.Route.$Shape;
    }

    namespace Route {

        /** Properties of a Route. */
        interface $Properties {

            /** Route out */
            out?: (boolean|null);

            /** Route system */
            system?: (string|null);

            /** Route uid */
            uid?: (string|null);

            /** Route node */
            node?: (string|null);

            /** Route cid */
            cid?: (number|null);

            /** Route sequence */
            sequence?: (number|null);

            /** Route group */
            group?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Route. */
        type $Shape = cluster.Route.$Properties;
    }

    /**
     * Properties of a GroupNotice.
     * @deprecated Use cluster.GroupNotice.$Properties instead.
     */
    interface IGroupNotice extends cluster.GroupNotice.$Properties {
    }

    /** Represents a GroupNotice. */
    class GroupNotice {

        /**
         * Constructs a new GroupNotice.
         * @param [properties] Properties to set
         */
        constructor(properties?: cluster.GroupNotice.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** GroupNotice system. */
        system: string;

        /** GroupNotice group. */
        group: string;

        /** GroupNotice cid. */
        cid: number;

        /** GroupNotice message. */
        message?: (cluster.Message.$Properties|null);

        /** GroupNotice silent. */
        silent: boolean;

        /**
         * Encodes the specified GroupNotice message. Does not implicitly {@link cluster.GroupNotice.verify|verify} messages.
         * @param message GroupNotice message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cluster.GroupNotice.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a GroupNotice message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cluster.GroupNotice & cluster.GroupNotice.$Shape} GroupNotice
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cluster.GroupNotice & cluster.GroupNotice.$Shape;
    }

    namespace GroupNotice {

        /** Properties of a GroupNotice. */
        interface $Properties {

            /** GroupNotice system */
            system?: (string|null);

            /** GroupNotice group */
            group?: (string|null);

            /** GroupNotice cid */
            cid?: (number|null);

            /** GroupNotice message */
            message?: (cluster.Message.$Properties|null);

            /** GroupNotice silent */
            silent?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a GroupNotice. */
        type $Shape = {
          system?: string|null;
          group?: string|null;
          cid?: number|null;
          message?: cluster.Message.$Shape|null;
          silent?: boolean|null;
          $unknowns?: Uint8Array[];
        };
    }
}
