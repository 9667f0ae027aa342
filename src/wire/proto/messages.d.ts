// Generated from the .proto files beside it by `npm run generate`. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace cim. */
export namespace cim {

    /**
     * Properties of a Message.
     * @deprecated Use cim.Message.$Properties instead.
     */
    interface IMessage extends cim.Message.$Properties {
    }

    /** Represents a Message. */
    class Message {

        /**
         * Constructs a new Message.
         * @param [properties] Properties to set
         */
        constructor(properties?: cim.Message.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Message id. */
        id: Long;

        /** Message action. */
        action: string;

        /** Message content. */
        content: string;

        /** Message sender. */
        sender: string;

        /** Message receiver. */
        receiver: string;

        /** Message extra. */
        extra: string;

        /** Message title. */
        title: string;

        /** Message format. */
        format: string;

        /** Message timestamp. */
        timestamp: Long;

        /**
         * Encodes the specified Message message. Does not implicitly {@link cim.Message.verify|verify} messages.
         * @param message Message message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cim.Message.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Message message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cim.Message & cim.Message.$Shape} Message
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cim.Message & cim.Message.$Shape;
    }

    namespace Message {

        /** Properties of a Message. */
        interface $Properties {

            /** Message id */
            id?: (Long|null);

            /** Message action */
            action?: (string|null);

            /** Message content */
            content?: (string|null);

            /** Message sender */
            sender?: (string|null);

            /** Message receiver */
            receiver?: (string|null);

            /** Message extra */
            extra?: (string|null);

            /** Message title */
            title?: (string|null);

            /** Message format */
            format?: (string|null);

            /** Message timestamp */
            timestamp?: (Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Message. */
        type $Shape = cim.Message.$Properties;
    }

    /**
     * Properties of a SentBody.
     * @deprecated Use cim.SentBody.$Properties instead.
     */
    interface ISentBody extends cim.SentBody.$Properties {
    }

    /** Represents a SentBody. */
    class SentBody {

        /**
         * Constructs a new SentBody.
         * @param [properties] Properties to set
         */
        constructor(properties?: cim.SentBody.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SentBody key. */
        key: string;

        /** SentBody timestamp. */
        timestamp: Long;

        /** SentBody data. */
        data: { [k: string]: string };

        /**
         * Encodes the specified SentBody message. Does not implicitly {@link cim.SentBody.verify|verify} messages.
         * @param message SentBody message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cim.SentBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SentBody message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cim.SentBody & cim.SentBody.$Shape} SentBody
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cim.SentBody & cim.SentBody.$Shape;
    }

    namespace SentBody {

        /** Properties of a SentBody. */
        interface $Properties {

            /** SentBody key */
            key?: (string|null);

            /** SentBody timestamp */
            timestamp?: (Long|null);

            /** SentBody data */
            data?: ({ [k: string]: string }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SentBody. */
        type $Shape = cim.SentBody.$Properties;
    }

    /**
     * Properties of a ReplyBody.
     * @deprecated Use cim.ReplyBody.$Properties instead.
     */
    interface IReplyBody extends cim.ReplyBody.$Properties {
    }

    /** Represents a ReplyBody. */
    class ReplyBody {

        /**
         * Constructs a new ReplyBody.
         * @param [properties] Properties to set
         */
        constructor(properties?: cim.ReplyBody.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ReplyBody key. */
        key: string;

        /** ReplyBody code. */
        code: string;

        /** ReplyBody message. */
        message: string;

        /** ReplyBody timestamp. */
        timestamp: Long;

        /** ReplyBody data. */
        data: { [k: string]: string };

        /**
         * Encodes the specified ReplyBody message. Does not implicitly {@link cim.ReplyBody.verify|verify} messages.
         * @param message ReplyBody message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: cim.ReplyBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReplyBody message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {cim.ReplyBody & cim.ReplyBody.$Shape} ReplyBody
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): cim.ReplyBody & cim.ReplyBody.$Shape;
    }

    namespace ReplyBody {

        /** Properties of a ReplyBody. */
        interface $Properties {

            /** ReplyBody key */
            key?: (string|null);

            /** ReplyBody code */
            code?: (string|null);

            /** ReplyBody message */
            message?: (string|null);

            /** ReplyBody timestamp */
            timestamp?: (Long|null);

            /** ReplyBody data */
            data?: ({ [k: string]: string }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReplyBody. */
        type $Shape = cim.ReplyBody.$Properties;
    }
}

/** Namespace yunque. */
export namespace yunque {

    /**
     * Properties of a MessageProto.
     * @deprecated Use yunque.MessageProto.$Properties instead.
     */
    interface IMessageProto extends yunque.MessageProto.$Properties {
    }

    /** Represents a MessageProto. */
    class MessageProto {

        /**
         * Constructs a new MessageProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: yunque.MessageProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** MessageProto id. */
        id: Long;

        /** MessageProto action. */
        action: string;

        /** MessageProto content. */
        content: { [k: string]: string };

        /** MessageProto sender. */
        sender: string;

        /** MessageProto receiver. */
        receiver: string;

        /** MessageProto extra. */
        extra: { [k: string]: string };

        /** MessageProto title. */
        title: string;

        /** MessageProto sendTime. */
        sendTime: Long;

        /** MessageProto image. */
        image: string;

        /**
         * Encodes the specified MessageProto message. Does not implicitly {@link yunque.MessageProto.verify|verify} messages.
         * @param message MessageProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: yunque.MessageProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a MessageProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {yunque.MessageProto & yunque.MessageProto.$Shape} MessageProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.MessageProto & yunque.MessageProto.$Shape;
    }

    namespace MessageProto {

        /** Properties of a MessageProto. */
        interface $Properties {

            /** MessageProto id */
            id?: (Long|null);

            /** MessageProto action */
            action?: (string|null);

            /** MessageProto content */
            content?: ({ [k: string]: string }|null);

            /** MessageProto sender */
            sender?: (string|null);

            /** MessageProto receiver */
            receiver?: (string|null);

            /** MessageProto extra */
            extra?: ({ [k: string]: string }|null);

            /** MessageProto title */
            title?: (string|null);

            /** MessageProto sendTime */
            sendTime?: (Long|null);

            /** MessageProto image */
            image?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a MessageProto. */
        type $Shape = yunque.MessageProto.$Properties;
    }

    /**
     * Properties of a SendBodyProto.
     * @deprecated Use yunque.SendBodyProto.$Properties instead.
     */
    interface ISendBodyProto extends yunque.SendBodyProto.$Properties {
    }

    /** Represents a SendBodyProto. */
    class SendBodyProto {

        /**
         * Constructs a new SendBodyProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: yunque.SendBodyProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SendBodyProto key. */
        key: string;

        /** SendBodyProto timestamp. */
        timestamp: Long;

        /** SendBodyProto data. */
        data: { [k: string]: string };

        /**
         * Encodes the specified SendBodyProto message. Does not implicitly {@link yunque.SendBodyProto.verify|verify} messages.
         * @param message SendBodyProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: yunque.SendBodyProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SendBodyProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {yunque.SendBodyProto & yunque.SendBodyProto.$Shape} SendBodyProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.SendBodyProto & yunque.SendBodyProto.$Shape;
    }

    namespace SendBodyProto {

        /** Properties of a SendBodyProto. */
        interface $Properties {

            /** SendBodyProto key */
            key?: (string|null);

            /** SendBodyProto timestamp */
            timestamp?: (Long|null);

            /** SendBodyProto data */
            data?: ({ [k: string]: string }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SendBodyProto. */
        type $Shape = yunque.SendBodyProto.$Properties;
    }

    /**
     * Properties of a ReplyBodyProto.
     * @deprecated Use yunque.ReplyBodyProto.$Properties instead.
     */
    interface IReplyBodyProto extends yunque.ReplyBodyProto.$Properties {
    }

    /** Represents a ReplyBodyProto. */
    class ReplyBodyProto {

        /**
         * Constructs a new ReplyBodyProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: yunque.ReplyBodyProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ReplyBodyProto key. */
        key: string;

        /** ReplyBodyProto code. */
        code: string;

        /** ReplyBodyProto message. */
        message: string;

        /** ReplyBodyProto timestamp. */
        timestamp: Long;

        /** ReplyBodyProto data. */
        data: { [k: string]: string };

        /**
         * Encodes the specified ReplyBodyProto message. Does not implicitly {@link yunque.ReplyBodyProto.verify|verify} messages.
         * @param message ReplyBodyProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: yunque.ReplyBodyProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReplyBodyProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {yunque.ReplyBodyProto & yunque.ReplyBodyProto.$Shape} ReplyBodyProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.ReplyBodyProto & yunque.ReplyBodyProto.$Shape;
    }

    namespace ReplyBodyProto {

        /** Properties of a ReplyBodyProto. */
        interface $Properties {

            /** ReplyBodyProto key */
            key?: (string|null);

            /** ReplyBodyProto code */
            code?: (string|null);

            /** ReplyBodyProto message */
            message?: (string|null);

            /** ReplyBodyProto timestamp */
            timestamp?: (Long|null);

            /** ReplyBodyProto data */
            data?: ({ [k: string]: string }|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReplyBodyProto. */
        type $Shape = yunque.ReplyBodyProto.$Properties;
    }

    /**
     * Properties of a MessagesPubProto.
     * @deprecated Use yunque.MessagesPubProto.$Properties instead.
     */
    interface IMessagesPubProto extends yunque.MessagesPubProto.$Properties {
    }

    /** Represents a MessagesPubProto. */
    class MessagesPubProto {

        /**
         * Constructs a new MessagesPubProto.
         * @param [properties] Properties to set
         */
        constructor(properties?: yunque.MessagesPubProto.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** MessagesPubProto Uid. */
        Uid: string;

        /** MessagesPubProto Sid. */
        Sid: string;

        /** MessagesPubProto Cid. */
        Cid: Long;

        /** MessagesPubProto msg. */
        msg: yunque.MessageProto.$Properties[];

        /** MessagesPubProto act. */
        act?: (yunque.SendActProto|null);

        /** MessagesPubProto type. */
        type: yunque.SendTypeProto;

        /** MessagesPubProto system. */
        system?: (string|null);

        /**
         * Encodes the specified MessagesPubProto message. Does not implicitly {@link yunque.MessagesPubProto.verify|verify} messages.
         * @param message MessagesPubProto message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: yunque.MessagesPubProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a MessagesPubProto message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {yunque.MessagesPubProto & yunque.MessagesPubProto.$Shape} MessagesPubProto
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.MessagesPubProto & yunque.MessagesPubProto.$Shape;
    }

    namespace MessagesPubProto {

        /** Properties of a MessagesPubProto. */
        interface $Properties {

            /** MessagesPubProto Uid */
            Uid?: (string|null);

            /** MessagesPubProto Sid */
            Sid?: (string|null);

            /** MessagesPubProto Cid */
            Cid?: (Long|null);

            /** MessagesPubProto msg */
            msg?: (yunque.MessageProto.$Properties[]|null);

            /** MessagesPubProto act */
            act?: (yunque.SendActProto|null);

            /** MessagesPubProto type */
            type?: (yunque.SendTypeProto|null);

            /** MessagesPubProto system */
            system?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a MessagesPubProto. */
        type $Shape = yunque.MessagesPubProto.$Properties;
    }

    /** SendActProto enum. */
    enum SendActProto {

        /** SENDALL value */
        SENDALL = 0,

        /** SENDUIDS value */
        SENDUIDS = 1,

        /** SENDUID value */
        SENDUID = 2,

        /** SENDUIDDID value */
        SENDUIDDID = 3,

        /** SENDDID value */
        SENDDID = 4,

        /** SENDLIST value */
        SENDLIST = 5,

        /** SENDOTHER value */
        SENDOTHER = 6,

        /** SENDROOM value */
        SENDROOM = 7
    }

    /** SendTypeProto enum. */
    enum SendTypeProto {

        /** PONG value */
        PONG = 0,

        /** PING value */
        PING = 1,

        /** MESSAGE value */
        MESSAGE = 2,

        /** SENT value */
        SENT = 3,

        /** REPLY value */
        REPLY = 4
    }
}
